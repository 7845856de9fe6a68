#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "gradient_check/subject/program/syntax.h"

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
