#include "gradient_check/diagnosis/blame/edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

namespace gradient_check {
namespace {

using Kind = Expr::Kind;

/// How tightly a piece of text binds, as Python's precedence: sums, products, signs, powers, atoms.
enum Strength { any = 0, sum = 9, product = 10, sign = 11, power = 12, atom = 14 };

int strength_of(const Expr& expr) {
  switch (expr.kind) {
    case Kind::binary:
      return expr.text == "+" || expr.text == "-"                       ? sum
             : expr.text == "*" || expr.text == "/" || expr.text == "@" ? product
             : expr.text == "**"                                        ? power
                                                                        : any + 1;
    case Kind::unary:
      return expr.text == "not" ? any + 1 : sign;
    case Kind::ternary:
    case Kind::tuple:
    case Kind::comprehension:
      return any;
    default:
      return atom;
  }
}

bool is_reduction(const std::string& name) { return name == "sum" || name == "mean"; }
bool is_transpose(const std::string& name) {
  return name == "t" || name == "transpose" || name == "T" || name == "mT" || name == "permute";
}
/// Whether a function's number is the dimension that it goes along.
bool goes_along_dimension(const std::string& name) {
  static const std::set<std::string> names{"sum",  "mean",   "softmax", "log_softmax", "logsumexp",
                                           "amax", "amin",   "norm",    "std",         "var",
                                           "prod", "cumsum", "max",     "min",         "argmax"};
  return names.count(name) != 0;
}
bool is_constant(const Expr& expr) {
  if (expr.is(Kind::number)) return true;
  return !expr.children.empty() && !expr.is(Kind::call) && !expr.is(Kind::subscript) &&
         std::all_of(expr.children.begin(), expr.children.end(), is_constant);
}

/// Walks an expression and collects the edits. `least` is the strength that a replacement needs to
/// stand where the node stands without parentheses.
class Editor {
 public:
  explicit Editor(const EditContext& context) : context_(context) {}

  std::vector<Edit> run(const Expr& expression) {
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

 private:
  std::string raw(const Expr& expr) const {
    return context_.text.substr(expr.span.begin, expr.span.end - expr.span.begin);
  }
  std::string raw(const Expr& expr, int least) const {
    return strength_of(expr) < least ? "(" + raw(expr) + ")" : raw(expr);
  }

  void add(const Expr& node, int least, const std::string& replacement, int strength, Change change,
           double cost, std::string before = "", std::string after = "") {
    const std::string text = strength < least ? "(" + replacement + ")" : replacement;
    add_at(node.span, text, change, cost, before.empty() ? raw(node) : std::move(before),
           after.empty() ? replacement : std::move(after));
  }
  void add_at(const Span& span, const std::string& replacement, Change change, double cost,
              std::string before, std::string after) {
    Edit edit;
    edit.span = span;
    edit.replacement = replacement;
    edit.change = change;
    edit.cost = cost;
    edit.before = std::move(before);
    edit.after = std::move(after);
    if (!enclosing_.empty()) edit.within = enclosing_.back();
    edits_.push_back(std::move(edit));
  }

  /// Gives the edit added last a recipe.
  void use(Recipe recipe, const Expr& node, const std::string& operand) {
    edits_.back().recipe = recipe;
    edits_.back().node = node.span;
    edits_.back().operand = operand;
  }

  void visit(const Expr& expr, int least) {
    switch (expr.kind) {
      case Kind::paren:
        repeated_names(expr.children[0]);
        group(expr.children[0]);
        visit(expr.children[0], any);
        return;
      case Kind::binary:
        binary(expr, least);
        return;
      case Kind::unary:
        if (expr.text == "-")
          add(expr, least, raw(expr.children[0], least), least, Change::sign, 1);
        visit(expr.children[0], sign);
        return;
      case Kind::attribute:
        if (is_transpose(expr.text))
          add(expr, least, raw(expr.children[0]), strength_of(expr.children[0]), Change::transpose,
              1);
        visit(expr.children[0], atom);
        return;
      case Kind::call:
        call(expr, least);
        return;
      case Kind::subscript:
        subscript(expr, least);
        return;
      case Kind::name:
        name(expr, least);
        return;
      case Kind::number:
        number(expr);
        return;
      case Kind::ternary:
        for (const Expr& child : expr.children) visit(child, any + 1);
        return;
      case Kind::tuple:
      case Kind::list:
      case Kind::keyword:
        for (const Expr& child : expr.children) visit(child, any);
        return;
      default:
        return;
    }
  }

  /// A variable read twice in `expr`, replaced in every place.
  void repeated_names(const Expr& expr) {
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

  static void collect_uses(const Expr& expr, std::map<std::string, std::vector<Span>>& uses) {
    if (expr.is(Kind::name)) uses[expr.text].push_back(expr.span);
    for (const Expr& child : expr.children) collect_uses(child, uses);
  }

  void binary(const Expr& expr, int least) {
    const Expr& left = expr.children[0];
    const Expr& right = expr.children[1];
    const std::string& op = expr.text;
    const int own = strength_of(expr);
    enclosing_.push_back(raw(expr));
    if (op == "+" || op == "-") sum_of_two(expr, least);
    if (op == "*" || op == "/") product_of_two(expr, least);
    if (op == "@")
      add(expr, least, raw(right, product) + " @ " + raw(left, product + 1), product,
          Change::operand, 2.2);
    if (op == "**") power_of(expr, least);
    comparison(expr);
    visit(left, own);
    visit(right, own + 1);
    enclosing_.pop_back();
  }

  void sum_of_two(const Expr& expr, int least) {
    const Expr& left = expr.children[0];
    const Expr& right = expr.children[1];
    const bool plus = expr.text == "+";
    add_at(expr.op, plus ? "-" : "+", Change::sign, 1, raw(expr),
           raw(left) + (plus ? " - " : " + ") + raw(right));
    if (!plus)
      add(expr, least, raw(right, sum) + " - " + raw(left, sum + 1), sum, Change::sign, 1.1);
    add(expr, least, raw(left), strength_of(left), Change::extra_term, 2.4,
        (plus ? "+ " : "- ") + raw(right));
    add(expr, least, plus ? raw(right) : "-" + raw(right, sign), plus ? strength_of(right) : sign,
        Change::extra_term, 2.4, raw(left));
    scaling(left);
    scaling(right);
    for (const Expr* term : {&left, &right})
      if (!term->is(Kind::binary) || (term->text != "+" && term->text != "-"))
        factors(*term, sum + 1);
    if (least == any || least == sum) terms(expr);
  }

  void product_of_two(const Expr& expr, int least) {
    const Expr& left = expr.children[0];
    const Expr& right = expr.children[1];
    const auto kind = [](const Expr& dropped) {
      return is_constant(dropped) ? Change::scale : Change::extra_factor;
    };
    add(expr, least, raw(left), strength_of(left), kind(right), 2, raw(right));
    if (left.is(Kind::binary) && (left.text == "*" || left.text == "/"))
      add(expr, least, raw(left.children[0]), strength_of(left.children[0]), Change::extra_factor,
          1.95,
          context_.text.substr(left.children[1].span.begin,
                               right.span.end - left.children[1].span.begin));
    if (expr.text == "*") {
      add(expr, least, raw(right), strength_of(right), kind(left), 2, raw(left));
      add_at(expr.op, "/", Change::operation, 2.6, raw(expr), raw(left) + " / " + raw(right));
    } else {
      add_at(expr.op, "*", Change::operation, 2.6, raw(expr), raw(left) + " * " + raw(right));
    }
  }

  void power_of(const Expr& expr, int least) {
    const Expr& base = expr.children[0];
    const Expr& exponent = expr.children[1];
    add(expr, least, raw(base), strength_of(base), Change::extra_factor, 2.5);
    if (!is_constant(exponent)) return;
    const double n = std::strtod(raw(exponent).c_str(), nullptr);
    if (!(std::abs(n) < 100)) return;
    for (const double other : {n + 1, n - 1, -n, n + 0.5, n - 0.5})
      if (other != 0 && other != n)
        add_at(exponent.span, other < 0 ? fmt::format("({:g})", other) : fmt::format("{:g}", other),
               other > n ? Change::missing_factor : Change::extra_factor, 2.5, raw(expr),
               raw(base));
  }

  void comparison(const Expr& expr) {
    static const std::set<std::string> comparisons{">", "<", ">=", "<=", "==", "!="};
    if (!comparisons.count(expr.text)) return;
    for (const std::string& other : comparisons)
      if (other != expr.text)
        add_at(expr.op, other, Change::comparison, 2, raw(expr),
               raw(expr.children[0]) + " " + other + " " + raw(expr.children[1]));
  }

  /// A term or a number, times a number yet to be found.
  void scaling(const Expr& expr) {
    add_at(expr.span, fmt::format("(__k * ({}))", raw(expr)), Change::scale, 2.45, raw(expr), "");
    edits_.back().is_scaling = true;
  }

  void number(const Expr& expr) {
    const std::string text = raw(expr);
    const bool integer = text.find_first_not_of("0123456789") == std::string::npos;
    if (!integer || argument_of_.empty()) scaling(expr);
  }

  /// A value divided by its sum: a softmax without its denominator.
  void normalised(const Expr& expr) {
    for (const std::string& reduction : context_.reductions)
      if (reduction.rfind("sum", 0) == 0)
        add(expr, any, fmt::format("{0} / {1}.{2}", raw(expr, product), raw(expr, atom), reduction),
            product, Change::missing_factor, 3.3, raw(expr),
            fmt::format("1 / {}.{}", raw(expr, atom), reduction));
  }

  /// What stands between parentheses or as a whole.
  void group(const Expr& expr) {
    factors(expr, any);
    if (!expr.is(Kind::name) && reduced_++ < 4)
      for (const std::string& reduction : context_.reductions)
        add(expr, any, fmt::format("{}.{}", raw(expr, atom), reduction), atom, Change::reduction,
            3.15);
    if (!expr.is(Kind::binary) || (expr.text != "+" && expr.text != "-")) terms(expr);
  }

  void factors(const Expr& expr, int least) {
    if (factors_seen_++ > 12) return;
    for (const std::string& factor : factors_for(expr)) {
      add(expr, least, raw(expr, product) + " * " + factor, product, Change::missing_factor, 3,
          raw(expr), factor);
      use(Recipe::multiply, expr, factor);
      if (expr.is(Kind::name) && factor == raw(expr)) continue;
      add(expr, least, raw(expr, product) + " / " + factor, product, Change::missing_factor, 3.1,
          raw(expr), "1 / " + factor);
      use(Recipe::divide, expr, factor);
    }
  }

  /// Factors of the wrong value's shape, and of the shape of what the piece itself is made of.
  const std::vector<std::string>& factors_for(const Expr& expr) {
    const std::vector<std::int64_t> shape = shape_of(expr);
    auto [found, is_new] = factors_.try_emplace(shape);
    if (is_new)
      found->second = factors_in({context_.text, context_.environment, shape,
                                  context_.unary_functions, context_.reductions});
    return found->second;
  }

  /// The largest shape among the variables of an elementwise piece; that of the wrong value
  /// otherwise.
  std::vector<std::int64_t> shape_of(const Expr& expr) const {
    std::vector<std::int64_t> shape = context_.shape.vec();
    std::int64_t most = -1;
    for (const std::string& name : names_in(expr)) {
      const auto found = context_.environment.find(name);
      if (found == context_.environment.end() || !found->second.isTensor() ||
          !found->second.toTensor().defined())
        continue;
      const at::Tensor& tensor = found->second.toTensor();
      if (tensor.sizes() == context_.shape) return context_.shape.vec();
      if (tensor.numel() > most) shape = tensor.sizes().vec();
      most = std::max(most, tensor.numel());
    }
    return shape;
  }

  /// Terms that may be missing from a sum.
  void terms(const Expr& expr) {
    if (terms_seen_++ > 3) return;
    const auto both = [&](const std::string& term, double cost) {
      add_at({expr.span.end, expr.span.end}, " + " + term, Change::missing_term, cost, raw(expr),
             term);
      use(Recipe::add, expr, term);
      add_at({expr.span.end, expr.span.end}, " - " + term, Change::missing_term, cost, raw(expr),
             "-" + term);
      use(Recipe::subtract, expr, term);
    };
    for (const std::string& name : tensors_of_shape(context_.environment, context_.shape))
      both(name, 3);
    std::vector<std::string> names;
    for (const std::string& name : names_in(expr))
      if (const auto found = context_.environment.find(name);
          found != context_.environment.end() && found->second.isTensor())
        names.push_back(name);
    for (const std::string& arguments : context_.reductions)
      for (const std::string& a : names) {
        both(fmt::format("{}.{}", a, arguments), 3.3);
        for (const std::string& b : names)
          if (names.size() <= 4) both(fmt::format("{0} * ({1} * {0}).{2}", a, b, arguments), 3.8);
      }
  }

  void call(const Expr& expr, int least) {
    const Expr& callee = expr.children[0];
    const bool method = callee.is(Kind::attribute);
    const std::string function = method ? callee.text : raw(callee);
    const bool of_module = method && callee.children[0].is(Kind::name) &&
                           context_.environment.count(callee.children[0].text) == 0;
    const Expr* operand = method && !of_module       ? &callee.children[0]
                          : expr.children.size() > 1 ? &expr.children[1]
                                                     : nullptr;
    enclosing_.push_back(raw(expr));
    if (operand && method && is_reduction(function)) {
      const std::string other = function == "sum" ? "mean" : "sum";
      add_at(callee.op, other, Change::reduction, function == "mean" ? 1 : 2.3, function, other);
    }
    if (operand && (is_reduction(function) || is_transpose(function)))
      add(expr, least, raw(*operand), strength_of(*operand),
          is_reduction(function) ? Change::reduction : Change::transpose, 1.4);
    else if (operand && expr.children.size() == (method && !of_module ? 1U : 2U))
      add(expr, least, raw(*operand), strength_of(*operand), Change::operation, 3.4);
    if (!method && operand)
      for (const std::string& other : context_.unary_functions)
        if (other != function)
          add_at(callee.span, other, Change::operand, 2.2, function,
                 other + enclosing_.back().substr(function.size()));
    if (method && !of_module && function != "size" && function != "numel")
      visit(callee.children[0], atom);
    argument_of_.push_back(function);
    for (std::size_t i = 1; i < expr.children.size(); ++i) argument(expr.children[i], function);
    argument_of_.pop_back();
    enclosing_.pop_back();
  }

  void argument(const Expr& expr, const std::string& function) {
    const Change change = function == "size"               ? Change::scale
                          : is_transpose(function)         ? Change::transpose
                          : goes_along_dimension(function) ? Change::reduction
                                                           : Change::operand;
    const Expr& value = expr.is(Kind::keyword) ? expr.children[0] : expr;
    const bool negative = value.is(Kind::unary) && value.children[0].is(Kind::number);
    if ((value.is(Kind::number) || negative) && raw(value).find('.') == std::string::npos) {
      for (const char* other : {"0", "1", "2", "-1", "-2"})
        if (raw(value) != other)
          add_at(value.span, other, change, change == Change::operand ? 2.1 : 1.5,
                 enclosing_.back(), replaced(value.span, other));
      return;
    }
    if (value.is(Kind::list) && is_reduction(function)) {
      for (const char* other :
           {"[0]", "[1]", "[0, 1]", "[0, 2]", "[1, 2]", "[0, 2, 3]", "[0, 1, 2]"})
        if (raw(value) != other)
          add_at(value.span, other, change, 2.2, enclosing_.back(), replaced(value.span, other));
      return;
    }
    if (!value.is(Kind::list)) factors(value, any);
    visit(value, any);
  }

  /// The enclosing call with one piece replaced.
  std::string replaced(const Span& span, const std::string& piece) const {
    const std::size_t at = context_.text.rfind(enclosing_.back(), span.begin);
    if (at == std::string::npos || at + enclosing_.back().size() < span.end) return piece;
    std::string text = enclosing_.back();
    return text.replace(span.begin - at, span.end - span.begin, piece);
  }

  void subscript(const Expr& expr, int) {
    enclosing_.push_back(raw(expr));
    visit(expr.children[0], atom);
    for (std::size_t i = 1; i < expr.children.size(); ++i) {
      const Expr& index = expr.children[i];
      if (index.is(Kind::slice)) {
        for (const Expr& bound : index.children)
          if (!bound.is(Kind::absent)) shift(bound);
      } else {
        shift(index);
      }
    }
    enclosing_.pop_back();
  }

  void shift(const Expr& index) {
    if (index.is(Kind::string) || index.is(Kind::literal)) return;
    if (index.is(Kind::number)) {
      const long n = std::strtol(raw(index).c_str(), nullptr, 10);
      for (const long other : {n + 1, n - 1})
        add_at(index.span, std::to_string(other), Change::operand, 2, enclosing_.back(),
               replaced(index.span, std::to_string(other)));
      for (const auto& [name, value] : context_.environment)
        if (value.isInt())
          add_at(index.span, name, Change::operand, 2.1, enclosing_.back(),
                 replaced(index.span, name));
      return;
    }
    if (index.is(Kind::binary) && (index.text == "+" || index.text == "-")) {
      const std::string plain = raw(index.children[0]);
      add_at(index.span, plain, Change::operand, 2, enclosing_.back(), replaced(index.span, plain));
    }
    for (const char* step : {" + 1", " - 1"})
      add_at({index.span.end, index.span.end}, step, Change::operand, 2, enclosing_.back(),
             replaced({index.span.begin, index.span.end}, raw(index) + step));
    visit(index, any);
  }

  void name(const Expr& expr, int least) {
    const auto found = context_.environment.find(expr.text);
    if (found == context_.environment.end()) return;
    const c10::IValue& value = found->second;
    for (const auto& [other, candidate] : context_.environment) {
      if (other == expr.text || !interchangeable(value, candidate)) continue;
      add(expr, least, other, atom, Change::operand, value.isTensor() ? 2 : 2.3);
      if (value.isTensor()) use(Recipe::replace, expr, other);
    }
    if (!value.isTensor()) return;
    const auto dims = value.toTensor().dim();
    if (dims < 2) return;
    add(expr, least, expr.text + (dims == 2 ? ".t()" : ".transpose(-2, -1)"), atom,
        Change::transpose, 1.6);
    if (dims <= 3)
      for (const std::string& arguments : context_.reductions)
        add(expr, least, expr.text + "." + arguments, atom, Change::reduction, 3.2);
  }

  static bool interchangeable(const c10::IValue& a, const c10::IValue& b) {
    if (a.isTensor() && b.isTensor())
      return a.toTensor().defined() && b.toTensor().defined() &&
             a.toTensor().sizes() == b.toTensor().sizes();
    if (a.isTensor() || b.isTensor()) return false;
    if (a.isInt() || a.isDouble()) return b.isInt() || b.isDouble();
    return a.isList() && b.isList();
  }

  const EditContext& context_;
  std::vector<Edit> edits_;
  std::vector<std::string> enclosing_, argument_of_;
  std::map<std::vector<std::int64_t>, std::vector<std::string>> factors_;  ///< by shape
  std::size_t terms_seen_ = 0, factors_seen_ = 0, reduced_ = 0;
};

/// A number that is too small to be anything but a guard against a division by zero.
bool is_guard(const Expr& expr, const std::string& text) {
  if (expr.is(Kind::paren)) return is_guard(expr.children[0], text);
  std::size_t at = expr.span.begin;
  if (expr.is(Kind::name)) {  // a module-level number
    const std::string start = "\n" + expr.text + " = ";
    const std::size_t found = ("\n" + text).find(start);
    if (found == std::string::npos) return false;
    at = found + start.size() - 1;
  } else if (!expr.is(Kind::number)) {
    return false;
  }
  const double value = std::strtod(text.c_str() + at, nullptr);
  return value > 0 && value <= 1e-3;
}

void collect_guards(const Expr& expr, const std::string& text, std::vector<Edit>& guards) {
  if (expr.is(Kind::binary) && expr.text == "+") {
    for (const std::size_t side : {0U, 1U}) {
      if (!is_guard(expr.children[side], text)) continue;
      const Expr& kept = expr.children[1 - side];
      Edit edit;
      edit.span =
          side == 1 ? Span{kept.span.end, expr.span.end} : Span{expr.span.begin, kept.span.begin};
      edit.change = Change::guard;
      edit.before = text.substr(expr.span.begin, expr.span.end - expr.span.begin);
      edit.after = text.substr(kept.span.begin, kept.span.end - kept.span.begin);
      guards.push_back(std::move(edit));
    }
  }
  for (const Expr& child : expr.children) collect_guards(child, text, guards);
}

}  // namespace

std::vector<Edit> edits_of(const Expr& expression, const EditContext& context) {
  return Editor(context).run(expression);
}

std::vector<std::string> tensors_of_shape(const Environment& environment, at::IntArrayRef shape) {
  std::vector<std::string> names;
  for (const auto& [name, value] : environment)
    if (value.isTensor() && value.toTensor().defined() && value.toTensor().is_floating_point() &&
        value.toTensor().sizes() == shape)
      names.push_back(name);
  return names;
}

bool broadcasts(at::IntArrayRef from, at::IntArrayRef to) {
  if (from.size() > to.size()) return false;
  for (std::size_t i = 1; i <= from.size(); ++i)
    if (from[from.size() - i] != 1 && from[from.size() - i] != to[to.size() - i]) return false;
  return true;
}

std::vector<std::string> factors_in(const EditContext& context) {
  const std::vector<std::string> names = tensors_of_shape(context.environment, context.shape);
  std::vector<std::string> factors = names;
  for (const auto& [name, value] : context.environment)
    if (value.isTensor() && value.toTensor().defined() && value.toTensor().is_floating_point() &&
        value.toTensor().sizes() != context.shape &&
        broadcasts(value.toTensor().sizes(), context.shape))
      factors.push_back(name);
  for (const std::string& name : names) {
    factors.push_back(fmt::format("({} > 0)", name));
    factors.push_back(fmt::format("(1 - {0} * {0})", name));
    factors.push_back(fmt::format("({0} * (1 - {0}))", name));
    for (const std::string& function : context.unary_functions)
      factors.push_back(fmt::format("{}({})", function, name));
  }
  return factors;
}

std::vector<Edit> guards_in(const Expr& expression, const std::string& text) {
  std::vector<Edit> guards;
  collect_guards(expression, text, guards);
  return guards;
}

std::string edited(const std::string& text, std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.span.begin > b.span.begin; });
  std::string result = text;
  for (const Edit& edit : edits)
    result.replace(edit.span.begin, edit.span.end - edit.span.begin, edit.replacement);
  return result;
}

}  // namespace gradient_check
