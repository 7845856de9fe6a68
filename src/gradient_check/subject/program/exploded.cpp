#include "gradient_check/subject/program/exploded.h"

#include <fmt/format.h>

#include <set>

namespace gradient_check {
namespace {

using Kind = Expr::Kind;

class Exploder {
 public:
  Exploder(const std::string& text, const Environment& environment)
      : text_(text), environment_(environment) {}

  std::string visit(const Expr& expr) {
    switch (expr.kind) {
      case Kind::name:
        return use(expr);
      case Kind::paren:
        return expr.children[0].is(Kind::tuple) ? raw(expr) : visit(expr.children[0]);
      case Kind::binary:
        return binary(expr);
      case Kind::unary:
        return expr.text == "not" ? raw(expr) : part(expr, expr.text + visit(expr.children[0]));
      case Kind::attribute:
        return expr.text == "T" || expr.text == "mT"
                   ? part(expr, visit(expr.children[0]) + "." + expr.text)
                   : raw(expr);
      case Kind::call:
        return call(expr);
      case Kind::subscript:
        return subscript(expr);
      default:
        return raw(expr);
    }
  }

  std::vector<ExplodedPart> parts;

 private:
  std::string raw(const Expr& expr) const {
    return text_.substr(expr.span.begin, expr.span.end - expr.span.begin);
  }

  std::string part(const Expr& expr, std::string code) {
    const std::string name = fmt::format("__v{}", parts.size());
    parts.push_back({name, raw(expr), false, std::move(code)});
    return name;
  }

  std::string use(const Expr& expr) {
    const auto found = environment_.find(expr.text);
    if (found == environment_.end() || !found->second.isTensor()) return expr.text;
    const at::Tensor& tensor = found->second.toTensor();
    if (!tensor.defined() || !tensor.requires_grad()) return expr.text;
    const std::string name = fmt::format("__v{}", parts.size());
    parts.push_back({name, expr.text, true, fmt::format("{0}.view_as({0})", expr.text)});
    return name;
  }

  std::string binary(const Expr& expr) {
    static const std::set<std::string> arithmetic{"+", "-", "*", "/", "@", "**"};
    if (!arithmetic.count(expr.text)) return raw(expr);
    const std::string left = visit(expr.children[0]), right = visit(expr.children[1]);
    return part(expr, fmt::format("({}) {} ({})", left, expr.text, right));
  }

  bool is_variable(const Expr& expr) const {
    const Expr* at = &expr;
    while (at->is(Kind::attribute)) at = &at->children[0];
    return !at->is(Kind::name) || environment_.count(at->text) != 0;
  }

  std::string call(const Expr& expr) {
    const Expr& callee = expr.children[0];
    std::string code;
    if (callee.is(Kind::attribute) && is_variable(callee)) {
      if (!callee.text.empty() && callee.text.back() == '_') return raw(expr);
      code = visit(callee.children[0]) + "." + callee.text;
    } else {
      code = raw(callee);
    }
    code += "(";
    for (std::size_t i = 1; i < expr.children.size(); ++i) {
      const Expr& argument = expr.children[i];
      if (i > 1) code += ", ";
      code += argument.is(Kind::keyword) ? argument.text + "=" + visit(argument.children[0])
              : argument.is(Kind::list)  ? list(argument)
                                         : visit(argument);
    }
    return part(expr, code + ")");
  }

  std::string list(const Expr& expr) {
    std::string code = "[";
    for (std::size_t i = 0; i < expr.children.size(); ++i)
      code += (i > 0 ? ", " : "") + visit(expr.children[i]);
    return code + "]";
  }

  std::string subscript(const Expr& expr) {
    const std::string value = visit(expr.children[0]);
    const std::size_t open = expr.children[0].span.end;
    return part(expr, value + text_.substr(open, expr.span.end - open));
  }

  const std::string& text_;
  const Environment& environment_;
};

}  // namespace

std::string ExplodedStatement::body(const std::string& indent) const {
  std::string lines;
  for (const ExplodedPart& part : parts)
    lines += fmt::format("{}{} = {}\n", indent, part.temporary, part.code);
  return lines + indent + (assigned.empty() ? "pass" : assigned + result);
}

std::vector<std::string> ExplodedStatement::outputs(std::vector<std::string> first) const {
  for (const ExplodedPart& part : parts) first.push_back(part.temporary);
  return first;
}

std::optional<ExplodedStatement> explode(const Expr& expression, const std::string& text,
                                         const Environment& environment) {
  Exploder exploder(text, environment);
  ExplodedStatement statement;
  statement.result = exploder.visit(expression);
  statement.parts = std::move(exploder.parts);
  if (statement.parts.empty()) return std::nullopt;
  return statement;
}

std::optional<ExplodedStatement> explode(const Statement& statement, const std::string& text,
                                         const Environment& environment) {
  if (statement.kind != Statement::Kind::assign || statement.targets.size() != 1)
    return std::nullopt;
  auto exploded = explode(statement.value, text, environment);
  if (!exploded) return std::nullopt;
  const Expr& target = statement.targets[0];
  exploded->assigned = text.substr(target.span.begin, target.span.end - target.span.begin) + " = ";
  return exploded;
}

}  // namespace gradient_check
