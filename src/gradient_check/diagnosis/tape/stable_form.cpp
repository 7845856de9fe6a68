#include "gradient_check/diagnosis/tape/stable_form.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {
namespace {

/// A call by the last part of its name, with receiver and arguments in one list.
struct Call {
  std::string name;
  std::vector<const Expr*> arguments;
};

std::optional<Call> as_call(const Expr& given) {
  const Expr& expression = without_parens(given);
  if (!expression.is(ExprKind::call)) return std::nullopt;
  const Expr& callee = expression.children[0];
  Call call{callee.text, {}};
  if (callee.is(ExprKind::attribute) && !is_module(callee.children[0]))
    call.arguments.push_back(&callee.children[0]);
  for (std::size_t i = 1; i < expression.children.size(); ++i)
    call.arguments.push_back(&expression.children[i]);
  return call;
}

bool is_number(const Expr& expression, const std::string& value) {
  const Expr& number = without_parens(expression);
  return number.is(ExprKind::number) && (number.text == value || number.text == value + ".0");
}

/// Looks for stable forms of one expression and of those that it is a part of.
class StableForms {
 public:
  StableForms(const std::string& text, const Birth& birth) : text_(text), birth_(birth) {}

  std::vector<Fix> find() {
    const std::size_t line_start = offset_of_line(birth_.place->line);
    const std::size_t begin = line_start + birth_.place->column - 1;
    functions_ = parse_functions(text_);
    for (const FunctionSyntax& function : functions_) {
      if (begin < function.span.begin || begin >= function.span.end) continue;
      collect_definitions(function.body);
      for (const Expr* root : roots_) descend(*root, begin, begin + birth_.text.size());
    }
    // The innermost was met last; a form of the whole says more than one of a part.
    for (const Expr* expression : path_) propose(*expression);
    return fixes_;
  }

 private:
  std::size_t offset_of_line(std::size_t line) const {
    std::size_t offset = 0;
    for (std::size_t i = 1; i < line; ++i) offset = text_.find('\n', offset) + 1;
    return offset;
  }

  void collect_definitions(const std::vector<Statement>& body) {
    for (const Statement& statement : body) {
      roots_.push_back(&statement.value);
      if (statement.kind == StatementKind::assign && statement.targets.size() == 1 &&
          statement.targets[0].is(ExprKind::name)) {
        auto [entry, is_new] = definitions_.emplace(statement.targets[0].text, &statement.value);
        if (!is_new) entry->second = nullptr;  // assigned twice: not known which holds
      }
      collect_definitions(statement.body);
      collect_definitions(statement.otherwise);
    }
  }

  /// The expressions around [begin, end), from the outermost to the innermost.
  void descend(const Expr& expression, std::size_t begin, std::size_t end) {
    if (expression.is(ExprKind::absent) || expression.span.begin > begin ||
        expression.span.end < begin)
      return;
    if (expression.span.end >= std::min(end, expression.span.end) && contains(expression, begin))
      path_.push_back(&expression);
    for (const Expr& child : expression.children) descend(child, begin, end);
  }

  static bool contains(const Expr& expression, std::size_t position) {
    return expression.span.begin <= position && position < expression.span.end;
  }

  std::string text_of(const Expr& expression) const {
    const Expr& inner = without_parens(expression);
    return text_.substr(inner.span.begin, inner.span.end - inner.span.begin);
  }

  /// What a variable was assigned, where it is one that is assigned once; else itself.
  const Expr& resolved(const Expr& expression) const {
    const Expr& inner = without_parens(expression);
    if (!inner.is(ExprKind::name)) return inner;
    const auto found = definitions_.find(inner.text);
    return found == definitions_.end() || !found->second ? inner : without_parens(*found->second);
  }

  std::optional<std::string> argument_of(const Expr& expression, const std::string& name) const {
    const auto call = as_call(resolved(expression));
    if (!call || call->name != name || call->arguments.empty()) return std::nullopt;
    return text_of(*call->arguments[0]);
  }

  /// x of sigmoid(x) or 1 / (1 + exp(-x)).
  std::optional<std::string> sigmoid_of(const Expr& expression) const {
    return argument_of(expression, "sigmoid");
  }

  /// "x, 1" of sum(exp(x), 1) or exp(x).sum(1).
  std::optional<std::string> sum_of_exponentials(const Expr& expression) const {
    const auto call = as_call(resolved(expression));
    if (!call || call->name != "sum" || call->arguments.size() < 2) return std::nullopt;
    auto exponent = argument_of(*call->arguments[0], "exp");
    if (!exponent) return std::nullopt;
    for (std::size_t i = 1; i < call->arguments.size(); ++i)
      *exponent += ", " + text_of(*call->arguments[i]);
    return exponent;
  }

  static std::string negated(const std::string& text) {
    const bool simple = std::all_of(text.begin(), text.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
    });
    return simple ? "-" + text : "-(" + text + ")";
  }

  void add(const Expr& expression, std::string replacement) {
    const Span span = expression.span;
    const auto line_of = [&](std::size_t offset) {
      return static_cast<std::size_t>(
          std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n') + 1);
    };
    Fix fix;
    fix.line = line_of(span.begin);
    fix.end_line = line_of(span.end);
    fix.column = span.begin - offset_of_line(fix.line) + 1;
    fix.end_column = span.end - offset_of_line(fix.end_line) + 1;
    fix.original = text_.substr(span.begin, span.end - span.begin);
    fix.replacement = std::move(replacement);
    fixes_.push_back(std::move(fix));
  }

  void propose(const Expr& given) {
    const Expr& expression = without_parens(given);
    if (const auto call = as_call(expression); call && !call->arguments.empty())
      propose_for_call(expression, *call);
    if (expression.is(ExprKind::binary)) propose_for_binary(expression);
  }

  void propose_for_call(const Expr& expression, const Call& call) {
    if (call.name == "log") propose_for_log(expression, *call.arguments[0]);
    if (call.name == "where" && call.arguments.size() == 3) propose_double_where(call);
    const std::string argument = text_of(*call.arguments[0]);
    if (call.name == "sqrt") add(expression, "torch.sqrt(" + argument + " + " + eps() + ")");
    if (call.name == "acos" || call.name == "asin" || call.name == "arccos")
      add(expression,
          "torch." + call.name + "(torch.clamp(" + argument + ", -1 + 1e-6, 1 - 1e-6))");
  }

  std::string eps() const { return birth_.dtype == "float16" ? "1e-6" : "1e-12"; }

  void propose_for_log(const Expr& expression, const Expr& argument) {
    const std::string functional = "torch.nn.functional.";
    const Expr& inner = resolved(argument);
    if (const auto x = sigmoid_of(inner)) add(expression, functional + "logsigmoid(" + *x + ")");
    if (const auto call = as_call(inner); call && call->name == "softmax") {
      std::string arguments;
      for (const Expr* part : call->arguments)
        arguments += (arguments.empty() ? "" : ", ") + text_of(*part);
      add(expression, "torch.log_softmax(" + arguments + ")");
    }
    if (const auto sum = sum_of_exponentials(inner))
      add(expression, "torch.logsumexp(" + *sum + ")");
    if (!inner.is(ExprKind::binary) || !is_number(inner.children[0], "1")) return;
    const Expr& other = inner.children[1];
    if (inner.text == "-")
      if (const auto x = sigmoid_of(other))
        add(expression, functional + "logsigmoid(" + negated(*x) + ")");
    if (inner.text != "+") return;
    if (const auto x = argument_of(other, "exp"))
      add(expression, functional + "softplus(" + *x + ")");
    else
      add(expression, "torch.log1p(" + text_of(other) + ")");
  }

  void propose_for_binary(const Expr& expression) {
    const Expr &left = expression.children[0], &right = expression.children[1];
    if (expression.text == "*")
      for (const bool swapped : {false, true}) {
        const Expr &factor = swapped ? right : left, &logarithm = swapped ? left : right;
        if (const auto call = as_call(logarithm); call && call->name == "log")
          add(expression,
              "torch.xlogy(" + text_of(factor) + ", " + text_of(*call->arguments.at(0)) + ")");
      }
    if (expression.text == "**" && is_number(right, "0.5"))
      add(expression, "torch.sqrt(" + text_of(left) + " + " + eps() + ")");
    if (expression.text != "/") return;
    if (const auto x = argument_of(left, "exp"))
      if (const auto sum = sum_of_exponentials(right); sum && sum->rfind(*x + ", ", 0) == 0)
        add(expression, "torch.softmax(" + first_two(*sum) + ")");
    const std::string divisor = text_of(right);
    const bool simple =
        without_parens(right).is(ExprKind::name) || without_parens(right).is(ExprKind::call);
    if (simple)
      add(expression, text_.substr(left.span.begin, left.span.end - left.span.begin) + " / " +
                          divisor + ".clamp_min(" + eps() + ")");
  }

  /// "x, 1" of "x, 1, keepdim=True".
  static std::string first_two(const std::string& arguments) {
    const std::size_t keep = arguments.find(", keepdim");
    return keep == std::string::npos ? arguments : arguments.substr(0, keep);
  }

  /// where(c, f(x), z): f is given 1 where its result is discarded.
  void propose_double_where(const Call& where) {
    const Expr& innermost = without_parens(*path_.back());
    const Expr* target = nullptr;
    for (const Expr* expression : path_) {
      const auto call = as_call(*expression);
      if (call && call->name != "where" && !call->arguments.empty()) target = call->arguments[0];
      if (without_parens(*expression).is(ExprKind::binary) &&
          without_parens(*expression).text == "/")
        target = &without_parens(*expression).children[1];
    }
    if (!target || &innermost == &where.arguments[0][0]) return;
    const std::string argument = text_of(*target);
    add(*target, "torch.where(" + text_of(*where.arguments[0]) + ", " + argument +
                     ", torch.ones_like(" + argument + "))");
  }

  const std::string& text_;
  const Birth& birth_;
  std::vector<FunctionSyntax> functions_;
  std::map<std::string, const Expr*> definitions_;
  std::vector<const Expr*> roots_;
  std::vector<const Expr*> path_;
  std::vector<Fix> fixes_;
};

}  // namespace

std::vector<Fix> stable_forms(const std::string& text, const Birth& birth) {
  if (!birth.place || birth.is_layer || birth.place->line == 0) return {};
  try {
    return StableForms(text, birth).find();
  } catch (const SyntaxError&) {
    return {};
  }
}

}  // namespace gradient_check
