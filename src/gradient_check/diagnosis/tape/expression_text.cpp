#include "gradient_check/diagnosis/tape/expression_text.h"

#include <cctype>

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {
namespace {

std::string without_spaces_and_parentheses(const std::string& text) {
  std::string plain;
  for (const char c : text)
    if (!std::isspace(static_cast<unsigned char>(c)) && c != '(' && c != ')') plain += c;
  return plain;
}

}  // namespace

std::string on_one_line(const std::string& expression) {
  std::string line;
  bool space = false;
  for (const char c : expression) {
    if (std::isspace(static_cast<unsigned char>(c))) {
      space = true;
      continue;
    }
    if (space && !line.empty() && line.back() != '(' && c != ')') line += ' ';
    space = false;
    line += c;
  }
  return line;
}

std::vector<std::string> operand_texts(const std::string& expression) {
  const std::string prefix = "def f():\n    return (";
  const std::string text = prefix + on_one_line(expression) + ")\n";
  std::vector<std::string> operands;
  try {
    const std::vector<FunctionSyntax> functions = parse_functions(text);
    const Expr* root = &without_parens(functions.at(0).body.at(0).value);
    const auto add = [&](const Expr& part) {
      const Expr& inner = without_parens(part.is(ExprKind::keyword) ? part.children[0] : part);
      operands.push_back(text.substr(inner.span.begin, inner.span.end - inner.span.begin));
    };
    if (root->is(ExprKind::binary)) {
      add(root->children[0]);
      add(root->children[1]);
    } else if (root->is(ExprKind::unary)) {
      add(root->children[0]);
    } else if (root->is(ExprKind::call)) {
      const Expr& callee = root->children[0];
      const bool is_method = callee.is(ExprKind::attribute) && !is_module(callee.children[0]);
      if (is_method) add(callee.children[0]);
      for (std::size_t i = 1; i < root->children.size(); ++i) add(root->children[i]);
    }
  } catch (const std::exception&) {
    return {};
  }
  return operands;
}

std::string assigned_variable(const Place& place, const std::string& expression) {
  const std::string& line = place.source_line;
  std::size_t at = line.find_first_not_of(" \t");
  if (at == std::string::npos) return "";
  std::size_t end = at;
  while (end < line.size() &&
         (std::isalnum(static_cast<unsigned char>(line[end])) || line[end] == '_'))
    ++end;
  const std::size_t equals = line.find_first_not_of(' ', end);
  if (end == at || equals == std::string::npos || line[equals] != '=' ||
      (equals + 1 < line.size() && line[equals + 1] == '='))
    return "";
  std::string value = line.substr(equals + 1);
  if (const std::size_t comment = value.find('#'); comment != std::string::npos)
    value.erase(comment);
  const bool whole =
      without_spaces_and_parentheses(value) == without_spaces_and_parentheses(expression);
  return whole ? line.substr(at, end - at) : "";
}

}  // namespace gradient_check
