#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "gradient_check/subject/program/syntax.h"
#include "gradient_check/subject/program/tokens.h"

namespace gradient_check {
namespace {

/// Text made of what programs are made of, in no sensible order.
rc::Gen<std::string> program_like_text() {
  const auto piece = rc::gen::element<std::string>(
      "x", "def f():", "if", "elif", "else", ":", "for", "in", "not", "is", "lambda", "return",
      "with", "(", ")", "[", "]", "{", "}", ",", ";", "=", "+=", "**", "->", ">>=", "...", ".", "*",
      "-", "@", "1", "2.5e-3", "0xe", "'s'", "\"\"\"a\nb\"\"\"", "'", "\"", "# c", "\\\n", "\\",
      "\\\r", "\n", "\n    ", "\n  ", "\t", " ", " ", "\r\n", "\xc3\xa9", std::string(1, '\0'));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const std::string& piece : pieces) text += piece;
                        return text;
                      });
}

/// Whether nothing but blanks, comments, newlines and continuations stands in the gap.
bool is_gap(const std::string& gap) {
  for (std::size_t i = 0; i < gap.size(); ++i) {
    if (gap[i] == '#')
      while (i + 1 < gap.size() && gap[i + 1] != '\n') ++i;
    else if (std::string(" \t\r\n\\").find(gap[i]) == std::string::npos)
      return false;
  }
  return true;
}

RC_GTEST_PROP(Tokens, AndGapsReproduceTheText, ()) {
  const std::string text = *program_like_text();
  std::vector<Token> tokens;
  try {
    tokens = tokenize(text);
  } catch (const SyntaxError&) {
    return;
  }
  std::string again;
  std::size_t at = 0, line = 1;
  for (const Token& token : tokens) {
    RC_ASSERT(token.span.begin >= at);
    RC_ASSERT(token.span.end >= token.span.begin);
    RC_ASSERT(token.span.end <= text.size());
    const std::string gap = text.substr(at, token.span.begin - at);
    RC_ASSERT(is_gap(gap));
    line += static_cast<std::size_t>(std::count(gap.begin(), gap.end(), '\n'));
    RC_ASSERT(token.line == line);
    line += static_cast<std::size_t>(std::count(token.text.begin(), token.text.end(), '\n'));
    again += gap + token.text;
    at = token.span.end;
  }
  RC_ASSERT(is_gap(text.substr(at)));
  RC_ASSERT(again + text.substr(at) == text);
  RC_ASSERT(tokens.back().kind == Token::Kind::end);
}

void expect_nested(const Expr& expr, const Span& outer) {
  RC_ASSERT(expr.span.begin >= outer.begin);
  RC_ASSERT(expr.span.begin <= expr.span.end);
  RC_ASSERT(expr.span.end <= outer.end);
  for (const Expr& child : expr.children) expect_nested(child, expr.span);
}

void expect_nested(const Statement& statement, const Span& outer) {
  RC_ASSERT(statement.span.begin >= outer.begin);
  RC_ASSERT(statement.span.end <= outer.end);
  for (const Expr& target : statement.targets) expect_nested(target, statement.span);
  if (!statement.value.is(ExprKind::absent)) expect_nested(statement.value, statement.span);
  for (const Statement& inner : statement.body) expect_nested(inner, statement.span);
  for (const Statement& inner : statement.otherwise) expect_nested(inner, statement.span);
}

RC_GTEST_PROP(Syntax, AnyTextIsReadOrRefused, ()) {
  const std::string text = "def f(x):\n    " + *program_like_text();
  try {
    for (const FunctionSyntax& function : parse_functions(text))
      for (const Statement& statement : function.body) expect_nested(statement, function.span);
  } catch (const SyntaxError&) {
    return;
  }
}

}  // namespace
}  // namespace gradient_check
