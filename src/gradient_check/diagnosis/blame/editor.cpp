#include "gradient_check/diagnosis/blame/editor.h"

#include <algorithm>

#include "gradient_check/diagnosis/blame/function_kinds.h"
#include "gradient_check/diagnosis/blame/numpy_spelling.h"
#include "gradient_check/subject/program/variable_path.h"

namespace gradient_check {

std::vector<Edit> Editor::run(const Expr& expression) {
  add(expression, any, "-" + raw(expression, sign), sign, Change::sign, 1.3);
  scaling(expression);
  repeated_names(expression);
  normalised(expression);
  group(expression);
  visit(expression, any);
  std::stable_sort(edits_.begin(), edits_.end(),
                   [](const Edit& a, const Edit& b) { return a.cost < b.cost; });
  return std::move(edits_);
}

std::string Editor::spelled(const std::string& text) const {
  return context_.arrays ? numpy_spelling(text) : text;
}

std::string Editor::raw(const Expr& expr) const {
  return context_.text.substr(expr.span.begin, expr.span.end - expr.span.begin);
}

std::string Editor::raw(const Expr& expr, int least) const {
  return strength_of(expr) < least ? "(" + raw(expr) + ")" : raw(expr);
}

void Editor::add(const Expr& node, int least, const std::string& replacement, int strength,
                 Change change, double cost, std::string before, std::string after) {
  const std::string text = strength < least ? "(" + replacement + ")" : replacement;
  add_at(node.span, text, change, cost, before.empty() ? raw(node) : std::move(before),
         after.empty() ? replacement : std::move(after));
}

void Editor::add_at(const Span& span, const std::string& replacement, Change change, double cost,
                    std::string before, const std::string& after) {
  Edit edit;
  edit.span = span;
  edit.replacement = spelled(replacement);
  edit.change = change;
  edit.cost = cost;
  edit.before = std::move(before);
  edit.after = spelled(after);
  if (!enclosing_.empty()) edit.within = enclosing_.back();
  edits_.push_back(std::move(edit));
}

void Editor::use(Recipe recipe, const Expr& node, const std::string& operand) {
  edits_.back().recipe = recipe;
  edits_.back().node = node.span;
  edits_.back().operand = spelled(operand);
}

void Editor::visit(const Expr& expr, int least) {
  if (expr.is(ExprKind::attribute) || expr.is(ExprKind::subscript))
    if (const auto path = path_of(expr); path && holds_tensor(path->text()))
      return variable(expr, path->text(), least);
  switch (expr.kind) {
    case ExprKind::paren:
      repeated_names(expr.children[0]);
      group(expr.children[0]);
      visit(expr.children[0], any);
      return;
    case ExprKind::binary:
      binary(expr, least);
      return;
    case ExprKind::unary:
      if (expr.text == "-") add(expr, least, raw(expr.children[0], least), least, Change::sign, 1);
      visit(expr.children[0], sign);
      return;
    case ExprKind::attribute:
      if (is_transpose(expr.text))
        add(expr, least, raw(expr.children[0]), strength_of(expr.children[0]), Change::transpose,
            1);
      visit(expr.children[0], atom);
      return;
    case ExprKind::call:
      call(expr, least);
      return;
    case ExprKind::subscript:
      subscript(expr, least);
      return;
    case ExprKind::name:
      variable(expr, expr.text, least);
      return;
    case ExprKind::number:
      number(expr);
      return;
    case ExprKind::ternary:
      for (const Expr& child : expr.children) visit(child, any + 1);
      return;
    case ExprKind::list:
      for (const Expr& child : expr.children) {
        group(child);
        visit(child, any);
      }
      return;
    case ExprKind::tuple:
    case ExprKind::keyword:
      for (const Expr& child : expr.children) visit(child, any);
      return;
    default:
      return;
  }
}

bool Editor::holds_tensor(const std::string& name) const {
  const auto found = context_.environment.find(name);
  return found != context_.environment.end() && found->second.isTensor();
}

void Editor::variable(const Expr& expr, const std::string& name, int least) {
  const auto found = context_.environment.find(name);
  if (found == context_.environment.end()) return;
  const c10::IValue& value = found->second;
  for (const auto& [other, candidate] : context_.environment) {
    if (other == name || !interchangeable(value, candidate)) continue;
    add(expr, least, other, atom, Change::operand, value.isTensor() ? 2 : 2.3);
    if (value.isTensor()) use(Recipe::replace, expr, other);
  }
  if (!value.isTensor()) return;
  const auto dims = value.toTensor().dim();
  if (dims < 2) return;
  add(expr, least, raw(expr) + (dims == 2 ? ".t()" : ".transpose(-2, -1)"), atom, Change::transpose,
      1.6);
  if (dims <= 3)
    for (const std::string& arguments : context_.reductions)
      add(expr, least, raw(expr) + "." + arguments, atom, Change::reduction, 3.2);
}

bool Editor::interchangeable(const c10::IValue& a, const c10::IValue& b) const {
  if (a.isTensor() && b.isTensor()) {
    const at::Tensor &left = a.toTensor(), &right = b.toTensor();
    return left.defined() && right.defined() &&
           (context_.other_shape ? left.dim() == right.dim() : left.sizes() == right.sizes());
  }
  if (a.isTensor() || b.isTensor()) return false;
  if (a.isInt() || a.isDouble()) return b.isInt() || b.isDouble();
  return a.isList() && b.isList();
}

void Editor::number(const Expr& expr) {
  const std::string text = raw(expr);
  const bool integer = text.find_first_not_of("0123456789") == std::string::npos;
  if (!integer || argument_of_.empty()) scaling(expr);
}

void Editor::repeated_names(const Expr& expr) {
  std::map<std::string, std::vector<Span>> uses;
  collect_uses(expr, uses);
  for (const auto& [name, spans] : uses) {
    const auto found = context_.environment.find(name);
    if (spans.size() < 2 || found == context_.environment.end() || !found->second.isTensor())
      continue;
    for (const auto& [other, candidate] : context_.environment) {
      if (other == name || !interchangeable(found->second, candidate)) continue;
      std::string text = raw(expr);
      for (std::size_t i = spans.size(); i-- > 0;)
        text.replace(spans[i].begin - expr.span.begin, name.size(), other);
      add_at(expr.span, text, Change::operand, 2.05, name, other);
      edits_.back().within = raw(expr);
    }
  }
}

void Editor::collect_uses(const Expr& expr, std::map<std::string, std::vector<Span>>& uses) {
  if (expr.is(ExprKind::name)) uses[expr.text].push_back(expr.span);
  for (const Expr& child : expr.children) collect_uses(child, uses);
}

}  // namespace gradient_check
