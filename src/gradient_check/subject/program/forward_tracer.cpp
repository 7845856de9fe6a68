#include "gradient_check/subject/program/forward_tracer.h"

#include <ATen/ops/view_as.h>

#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/subject/program/frame_variables.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

/// Values noted inside the functions that one statement calls.
constexpr std::size_t most_inner = 400;

bool is_arithmetic(const std::string& op) {
  static const std::set<std::string> arithmetic{"+", "-", "*", "/", "@", "**"};
  return arithmetic.count(op) != 0;
}

bool is_followed(const at::Tensor& tensor) {
  return tensor.defined() && tensor.is_floating_point();
}

bool is_tensor_variable(const python::Frame& frame, const std::string& name) {
  const auto place = locate(frame, {name, {}});
  return place && tensor_in(*place->value).defined();
}

const Expr& root_name(const Expr& expression) {
  const Expr* at = &expression;
  while (at->is(ExprKind::attribute)) at = &at->children[0];
  return *at;
}

}  // namespace

bool ForwardTracer::statement(python::Frame& frame, const ast::Statement& next) {
  Tracer::statement(frame, next);
  if (const Activation* active = this->active(frame); active && active->running)
    choose(*active, *active->running);
  return false;
}

void ForwardTracer::choose(const Activation& active, const Statement& statement) {
  inner_ = 0;
  is_open_ = (statement.kind == StatementKind::assign && statement.targets.size() == 1) ||
             statement.kind == StatementKind::augment || statement.kind == StatementKind::annotate;
  if (is_open_) choose(*active.frame, statement.value);
  if (statement.kind != StatementKind::result) return;
  is_open_ = true;
  const Expr& value = without_parens(statement.value);
  const bool with_gradients = &active == own() && program_.returns_loss &&
                              value.is(ExprKind::tuple) && value.children.size() == 2;
  choose(*active.frame, with_gradients ? value.children[0] : value);
}

void ForwardTracer::choose(const python::Frame& frame, const Expr& expression) {
  switch (expression.kind) {
    case ExprKind::name:
      read_.insert(expression.id);
      return;
    case ExprKind::attribute: {
      const Expr& root = root_name(expression);
      const bool of_object = root.is(ExprKind::name) && !is_module(expression) &&
                             !is_tensor_variable(frame, root.text);
      (of_object ? read_ : parts_).insert(expression.id);
      if (!of_object && !is_module(expression)) choose(frame, expression.children[0]);
      return;
    }
    case ExprKind::binary:
      if (!is_arithmetic(expression.text)) return;
      break;
    case ExprKind::unary:
      if (expression.text == "not") return;
      break;
    case ExprKind::call:
      return choose_call(frame, expression);
    case ExprKind::subscript:
      parts_.insert(expression.id);
      return choose(frame, expression.children[0]);
    case ExprKind::ternary:
      choose(frame, expression.children[0]);
      return choose(frame, expression.children[2]);
    case ExprKind::comprehension:
      return choose(frame, expression.children[0]);
    case ExprKind::paren:
    case ExprKind::tuple:
    case ExprKind::list:
    case ExprKind::keyword:
    case ExprKind::starred:
      for (const Expr& child : expression.children) choose(frame, child);
      return;
    default:
      return;
  }
  parts_.insert(expression.id);
  for (const Expr& child : expression.children) choose(frame, child);
}

/// A call that writes into its receiver is left as it is.
void ForwardTracer::choose_call(const python::Frame& frame, const Expr& call) {
  const Expr& callee = call.children[0];
  if (callee.is(ExprKind::attribute) && !is_module(callee)) {
    if (!callee.text.empty() && callee.text.back() == '_') return;
    choose(frame, callee.children[0]);
  }
  for (std::size_t i = 1; i < call.children.size(); ++i) choose(frame, call.children[i]);
  parts_.insert(call.id);
}

/// Whether a frame is of the program's own, called from one that is followed.
bool ForwardTracer::is_inner(const python::Frame& frame) {
  if (!is_open_ || !own() || frame.code.tree.source->label() != program_.label) return false;
  for (const python::Frame* at = frame.caller; at; at = at->caller)
    if ((caller_ = active(*at))) return true;
  return false;
}

void ForwardTracer::evaluated(python::Frame& frame, const ast::Expression& expression,
                              Value& value) {
  Tracer::evaluated(frame, expression, value);
  const at::Tensor tensor = tensor_in(value);
  if (!is_followed(tensor)) return;
  const Activation* active = this->active(frame);
  if (!active) {
    if (is_inner(frame)) note_inner(frame, expression, tensor);
    return;
  }
  if (!active->running) return;
  const std::string text = text_of({expression.span.begin, expression.span.end});
  if (read_.count(expression.id) && uses_ && tensor.requires_grad()) {
    const at::Tensor use = tensor.view_as(tensor);
    value = value_like(value, use);
    note(*active, text, text, use, text_of(active->running->span));
  } else if (parts_.count(expression.id)) {
    note(*active, "", text, tensor);
  }
}

void ForwardTracer::note_inner(const python::Frame& frame, const ast::Expression& expression,
                               const at::Tensor& value) {
  switch (expression.kind()) {
    case ast::ExpressionKind::BinOp:
    case ast::ExpressionKind::UnaryOp:
    case ast::ExpressionKind::Call:
    case ast::ExpressionKind::Subscript:
    case ast::ExpressionKind::Attribute:
      if (++inner_ <= most_inner)
        note(*caller_, "", std::string(frame.code.tree.source->text(expression.span)), value);
      return;
    default:
      return;
  }
}

/// What an inner function gives to its own variables.
void ForwardTracer::executed(python::Frame& frame, const ast::Statement& done) {
  Tracer::executed(frame, done);
  const auto* assign = done.as<ast::Assign>();
  if (!assign || active(frame) || !is_inner(frame)) return;
  for (const ast::ExpressionPtr& target : assign->targets) {
    const auto* name = target->as<ast::Name>();
    const auto place = name ? locate(frame, {name->id, {}}) : std::nullopt;
    if (!place) continue;
    const at::Tensor value = tensor_in(*place->value);
    if (is_followed(value) && ++inner_ <= most_inner) note(*caller_, "", name->id, value);
  }
}

/// What the objects and dictionaries at hand hold.
void ForwardTracer::begun(Activation& active) {
  for (const auto& [text, value] : variables_of(*active.frame)) {
    const at::Tensor tensor = tensor_in(value);
    const bool inside = text.find_first_of(".[") != std::string::npos;
    const bool is_given = program_.is_body && &active == own();
    if (is_followed(tensor) && (is_given || (inside && tensor.requires_grad())))
      noted(active, text, tensor);
  }
}

void ForwardTracer::note(const Activation& active, const std::string& name, const std::string& text,
                         const at::Tensor& value, const std::string& consumer) {
  trace_.forward.push_back({name, active.scope, text, value, active.running->line,
                            active.iteration(), !consumer.empty(), consumer});
}

void ForwardTracer::noted(const Activation& active, const std::string& name,
                          const at::Tensor& value) {
  const std::size_t line = active.running         ? active.running->line
                           : active.scope.empty() ? 0
                                                  : active.function->body.front().line;
  trace_.forward.push_back({name, active.scope, name, value, line, active.iteration(), false, "",
                            !active.running && name.find_first_of(".[") == std::string::npos});
}

/// The function's output, where what it is made of is complete.
void ForwardTracer::stop(Activation& active) {
  const auto& body = *own()->body->body;
  const auto* last = body.empty() ? nullptr : body.back()->as<ast::Return>();
  if (!last || !last->value)
    throw SyntaxError("the loss is returned in a way that cannot be followed");
  if (&active != own()) return;
  const auto* tuple = last->value->as<ast::Tuple>();
  const bool with_gradients = program_.returns_loss && tuple && tuple->elts.size() == 2;
  python::Frame& frame = *active.frame;
  ForwardTracer::statement(frame, *body.back());
  output_ = python::evaluate(frame, with_gradients ? *tuple->elts[0] : *last->value);
  throw Stopped();
}

}  // namespace gradient_check
