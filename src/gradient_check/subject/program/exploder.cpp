#include "gradient_check/subject/program/exploder.h"

#include <fmt/format.h>

#include <set>

#include "gradient_check/subject/program/tokens.h"

namespace gradient_check {

std::string Exploder::visit(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::name:
      return use(expr);
    case ExprKind::paren:
      return expr.children[0].is(ExprKind::tuple) ? raw(expr) : visit(expr.children[0]);
    case ExprKind::binary:
      return binary(expr);
    case ExprKind::unary:
      return expr.text == "not" ? raw(expr) : part(expr, expr.text + visit(expr.children[0]));
    case ExprKind::attribute:
      return expr.text == "T" || expr.text == "mT"
                 ? part(expr, visit(expr.children[0]) + "." + expr.text)
                 : raw(expr);
    case ExprKind::call:
      return call(expr);
    case ExprKind::subscript:
      return subscript(expr);
    default:
      return raw(expr);
  }
}

std::string Exploder::text_of(const Expr& expr) const {
  return text_.substr(expr.span.begin, expr.span.end - expr.span.begin);
}

std::string Exploder::renamed(const std::string& text) const {
  if (!scope_) return text;
  std::string result;
  std::size_t end = 0;
  const std::vector<Token> tokens = tokenize(text);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto found = scope_->find(tokens[i].text);
    const bool is_member = i > 0 && tokens[i - 1].text == ".";
    const bool is_keyword = i + 1 < tokens.size() && tokens[i + 1].text == "=";
    if (tokens[i].kind != Token::Kind::name || found == scope_->end() || is_member || is_keyword)
      continue;
    result += text.substr(end, tokens[i].span.begin - end) + found->second;
    end = tokens[i].span.end;
  }
  return result + text.substr(end);
}

std::string Exploder::part(const Expr& expr, std::string code) {
  return part(text_of(expr), std::move(code));
}

std::string Exploder::part(std::string text, std::string code, bool is_inner) {
  const std::string name = fmt::format("__v{}", parts.size());
  parts.push_back({name, std::move(text), false, std::move(code), is_inner});
  return name;
}

std::string Exploder::use(const Expr& expr) {
  if (scope_) {
    const auto inner = scope_->find(expr.text);
    return inner == scope_->end() ? expr.text : inner->second;
  }
  const auto found = environment_.find(expr.text);
  if (found == environment_.end() || !found->second.isTensor()) return expr.text;
  const at::Tensor& tensor = found->second.toTensor();
  if (!tensor.defined() || !tensor.requires_grad()) return expr.text;
  const std::string name = fmt::format("__v{}", parts.size());
  parts.push_back({name, expr.text, true, fmt::format("{0}.view_as({0})", expr.text), false});
  return name;
}

std::string Exploder::binary(const Expr& expr) {
  static const std::set<std::string> arithmetic{"+", "-", "*", "/", "@", "**"};
  if (!arithmetic.count(expr.text)) return raw(expr);
  const std::string left = visit(expr.children[0]), right = visit(expr.children[1]);
  return part(expr, fmt::format("({}) {} ({})", left, expr.text, right));
}

bool Exploder::is_variable(const Expr& expr) const {
  const Expr* at = &expr;
  while (at->is(ExprKind::attribute)) at = &at->children[0];
  if (!at->is(ExprKind::name)) return true;
  return scope_ ? scope_->count(at->text) != 0 : environment_.count(at->text) != 0;
}

std::string Exploder::call(const Expr& expr) {
  const Expr& callee = expr.children[0];
  if (const FunctionSyntax* function = own_function(expr)) return inlined(expr, *function);
  std::string code;
  if (callee.is(ExprKind::attribute) && is_variable(callee)) {
    if (!callee.text.empty() && callee.text.back() == '_') return raw(expr);
    code = visit(callee.children[0]) + "." + callee.text;
  } else {
    code = raw(callee);
  }
  code += "(";
  for (std::size_t i = 1; i < expr.children.size(); ++i) {
    const Expr& argument = expr.children[i];
    if (i > 1) code += ", ";
    code += argument.is(ExprKind::keyword) ? argument.text + "=" + visit(argument.children[0])
            : argument.is(ExprKind::list)  ? list(argument)
                                           : visit(argument);
  }
  return part(expr, code + ")");
}

std::string Exploder::list(const Expr& expr) {
  std::string code = "[";
  for (std::size_t i = 0; i < expr.children.size(); ++i)
    code += (i > 0 ? ", " : "") + visit(expr.children[i]);
  return code + "]";
}

std::string Exploder::subscript(const Expr& expr) {
  const std::string value = visit(expr.children[0]);
  const std::size_t open = expr.children[0].span.end;
  return part(expr, value + renamed(text_.substr(open, expr.span.end - open)));
}

}  // namespace gradient_check
