#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "subject/parsed.h"

namespace gradient_check {
namespace {

using testing::ElementsAre;
using Kind = ExprKind;

/// The value of `v = expression`.
struct ParsedValue : Parsed {
  explicit ParsedValue(const std::string& expression)
      : Parsed("v = " + expression), value(body.at(0).value) {
    EXPECT_EQ((*this)(value), expression);
  }
  const Expr& value;
};

/// The tree of an expression in full brackets, so that precedence can be read off.
std::string shape(const Expr& expr) {
  switch (expr.kind) {
    case Kind::binary:
      return "(" + shape(expr.children[0]) + " " + expr.text + " " + shape(expr.children[1]) + ")";
    case Kind::unary:
      return "(" + expr.text + " " + shape(expr.children[0]) + ")";
    case Kind::paren:
      return shape(expr.children[0]);
    case Kind::ternary:
      return "(" + shape(expr.children[0]) + " if " + shape(expr.children[1]) + " else " +
             shape(expr.children[2]) + ")";
    default:
      return expr.text;
  }
}

std::string shape_of(const std::string& expression) { return shape(ParsedValue(expression).value); }

TEST(Syntax, NestedParentheses) {
  const ParsedValue of("((x + (y)) * 2)");
  ASSERT_TRUE(of.value.is(Kind::paren));
  const Expr& product = of.value.children[0];
  ASSERT_TRUE(product.is(Kind::binary));
  EXPECT_EQ(of(product), "(x + (y)) * 2");
  EXPECT_EQ(of(product.op), "*");
  EXPECT_THAT(of.children(product), ElementsAre("(x + (y))", "2"));
  const Expr& sum = product.children[0].children[0];
  EXPECT_THAT(of.children(sum), ElementsAre("x", "(y)"));
  EXPECT_TRUE(sum.children[1].is(Kind::paren));
}

TEST(Syntax, ChainedCalls) {
  const ParsedValue of("x.sum(0).view(-1).T");
  ASSERT_TRUE(of.value.is(Kind::attribute));
  EXPECT_EQ(of(of.value.op), "T");
  const Expr& view = of.value.children[0];
  ASSERT_TRUE(view.is(Kind::call));
  EXPECT_THAT(of.children(view), ElementsAre("x.sum(0).view", "-1"));
  const Expr& sum = view.children[0].children[0];
  ASSERT_TRUE(sum.is(Kind::call));
  EXPECT_EQ(of(sum), "x.sum(0)");
  EXPECT_EQ(sum.children[0].text, "sum");
}

TEST(Syntax, SubscriptsWithSlices) {
  const ParsedValue of("x[1:, ::2, :-1, i, None, ...][0]");
  ASSERT_TRUE(of.value.is(Kind::subscript));
  const Expr& inner = of.value.children[0];
  EXPECT_THAT(of.children(inner), ElementsAre("x", "1:", "::2", ":-1", "i", "None", "..."));
  const Expr& from = inner.children[1];
  ASSERT_TRUE(from.is(Kind::slice));
  EXPECT_THAT(of.children(from), ElementsAre("1", ""));
  EXPECT_TRUE(from.children[1].is(Kind::absent));
  EXPECT_THAT(of.children(inner.children[2]), ElementsAre("", "", "2"));
  EXPECT_TRUE(inner.children[5].is(Kind::literal));
  EXPECT_TRUE(inner.children[6].is(Kind::literal));
}

TEST(Syntax, KeywordArguments) {
  const ParsedValue of("torch.sum(x * y, dim=-1, keepdim = True)");
  EXPECT_THAT(of.children(of.value), ElementsAre("torch.sum", "x * y", "dim=-1", "keepdim = True"));
  const Expr& dim = of.value.children[2];
  ASSERT_TRUE(dim.is(Kind::keyword));
  EXPECT_EQ(dim.text, "dim");
  EXPECT_EQ(of(dim.op), "dim");
  EXPECT_TRUE(dim.children[0].is(Kind::unary));
  EXPECT_TRUE(of.value.children[3].children[0].is(Kind::literal));
}

TEST(Syntax, SeveralLinesInBrackets) {
  const Parsed of("v = (x +  # the first\n     y)\nw = f(x,\n\n      y,\n)\nreturn w");
  ASSERT_EQ(of.body.size(), 3U);
  EXPECT_EQ(of(of.body[0]), "v = (x +  # the first\n         y)");
  EXPECT_THAT(of.children(of.body[0].value.children[0]), ElementsAre("x", "y"));
  EXPECT_THAT(of.children(of.body[1].value), ElementsAre("f", "x", "y"));
  EXPECT_EQ(of.body[1].line, 6U);
  EXPECT_EQ(of.body[2].line, 10U);
}

TEST(Syntax, ContinuationByBackslash) {
  const Parsed of("v = x + \\\n    y\nw = v");
  ASSERT_EQ(of.body.size(), 2U);
  EXPECT_EQ(of(of.body[0].value), "x + \\\n        y");
  EXPECT_EQ(of.body[1].line, 6U);
}

TEST(Syntax, CommentsBelongToNoStatement) {
  const Parsed of(
      "# before\nv = x  # behind: (\n# between )\nif v:  # why\n    w = 1  # inner\n# after");
  ASSERT_EQ(of.body.size(), 2U);
  EXPECT_EQ(of(of.body[0]), "v = x");
  EXPECT_EQ(of(of.body[1]), "if v:  # why\n        w = 1");
}

TEST(Syntax, TripleQuotedStrings) {
  const Parsed of("\"\"\"Says \"what\"\nit does, \\\"\"\" too.\"\"\"\nv = 'it\\'s' \"#\"");
  ASSERT_EQ(of.body.size(), 2U);
  EXPECT_EQ(of.body[0].kind, StatementKind::empty);
  EXPECT_EQ(of(of.body[0]), "\"\"\"Says \"what\"\n    it does, \\\"\"\" too.\"\"\"");
  EXPECT_EQ(of.body[1].line, 6U);
  EXPECT_TRUE(of.body[1].value.is(Kind::string));
  EXPECT_EQ(of(of.body[1].value), "'it\\'s' \"#\"");
}

TEST(Syntax, IfElifElse) {
  const Parsed of("if x:\n    v = 1\nelif y: v = 2\nelse:\n    v = 3\n    w = 4\nreturn v");
  ASSERT_EQ(of.body.size(), 2U);
  const Statement& first = of.body[0];
  ASSERT_EQ(first.kind, StatementKind::condition);
  EXPECT_EQ(of(first.value), "x");
  ASSERT_EQ(first.body.size(), 1U);
  ASSERT_EQ(first.otherwise.size(), 1U);
  const Statement& second = first.otherwise[0];
  ASSERT_EQ(second.kind, StatementKind::condition);
  EXPECT_EQ(second.line, 6U);
  EXPECT_EQ(of(second.value), "y");
  EXPECT_EQ(of(second.body.at(0)), "v = 2");
  ASSERT_EQ(second.otherwise.size(), 2U);
  EXPECT_EQ(of(second.otherwise[1]), "w = 4");
  EXPECT_EQ(of(first).substr(0, 5) + "|" + of(first).substr(of(first).size() - 5), "if x:|w = 4");
}

TEST(Syntax, Loops) {
  const Parsed of(
      "for i, (a, b) in enumerate(x):\n    if a: continue\n    break\nwhile y < 3 and x:\n    y += "
      "1");
  const Statement& loop = of.body.at(0);
  ASSERT_EQ(loop.kind, StatementKind::loop_for);
  ASSERT_TRUE(loop.targets.at(0).is(Kind::tuple));
  EXPECT_THAT(of.children(loop.targets[0]), ElementsAre("i", "(a, b)"));
  EXPECT_EQ(of(loop.value), "enumerate(x)");
  EXPECT_EQ(loop.body.at(0).body.at(0).kind, StatementKind::next);
  EXPECT_EQ(loop.body.at(1).kind, StatementKind::leave);
  ASSERT_EQ(of.body.at(1).kind, StatementKind::loop_while);
  EXPECT_EQ(of(of.body[1].value), "y < 3 and x");
  EXPECT_EQ(of(of.body[1]), "while y < 3 and x:\n        y += 1");
}

TEST(Syntax, AugmentedAssignment) {
  for (const std::string op : {"+=", "-=", "*=", "/=", "@=", "**=", "//=", ">>="}) {
    const Parsed of("x[0] " + op + " y, 1");
    const Statement& statement = of.body.at(0);
    ASSERT_EQ(statement.kind, StatementKind::augment) << op;
    EXPECT_EQ(statement.text, op);
    EXPECT_EQ(of(statement.targets.at(0)), "x[0]");
    EXPECT_EQ(of(statement.value), "y, 1");
  }
}

TEST(Syntax, TupleTargets) {
  const Parsed of("a, b = c = x, y\n(d, e), *g = z\nh, = z\nk: Tensor = x");
  const Statement& several = of.body.at(0);
  ASSERT_EQ(several.kind, StatementKind::assign);
  ASSERT_EQ(several.targets.size(), 2U);
  EXPECT_TRUE(several.targets[0].is(Kind::tuple));
  EXPECT_EQ(of(several.targets[0]), "a, b");
  EXPECT_EQ(of(several.targets[1]), "c");
  EXPECT_EQ(of(several.value), "x, y");
  EXPECT_THAT(of.children(of.body.at(1).targets.at(0)), ElementsAre("(d, e)", "*g"));
  // A tuple of one is its comma.
  EXPECT_TRUE(of.body.at(2).targets.at(0).is(Kind::tuple));
  EXPECT_EQ(of(of.body[2].targets[0]), "h,");
  EXPECT_EQ(of.body.at(3).kind, StatementKind::annotate);
  EXPECT_EQ(of(of.body[3].targets.at(0)), "k");
  EXPECT_EQ(of(of.body[3].value), "x");
  EXPECT_THAT(names_written(of.body[1]), ElementsAre("d", "e", "g"));
}

TEST(Syntax, DictLiterals) {
  const Parsed of("return loss, {\"w\": x.t() @ d,  # the weight's\n    'b': d.sum(0),}");
  ASSERT_EQ(of.body.at(0).kind, StatementKind::result);
  const Expr& dict = of.body[0].value.children.at(1);
  ASSERT_TRUE(dict.is(Kind::dict));
  EXPECT_THAT(of.children(dict), ElementsAre("\"w\"", "x.t() @ d", "'b'", "d.sum(0)"));
}

TEST(Syntax, Comprehensions) {
  const ParsedValue of("[a * b for a, b in zip(x, y) if a > 0]");
  ASSERT_TRUE(of.value.is(Kind::list));
  const Expr& comprehension = of.value.children.at(0);
  ASSERT_TRUE(comprehension.is(Kind::comprehension));
  EXPECT_THAT(of.children(comprehension), ElementsAre("a * b", "a, b", "zip(x, y)", "a > 0"));
  EXPECT_EQ(of(comprehension), "a * b for a, b in zip(x, y) if a > 0");
}

TEST(Syntax, Precedence) {
  EXPECT_EQ(shape_of("-x ** 2"), "(- (x ** 2))");
  EXPECT_EQ(shape_of("x ** -y ** 2"), "(x ** (- (y ** 2)))");
  EXPECT_EQ(shape_of("2 ** x ** y * 3"), "((2 ** (x ** y)) * 3)");
  EXPECT_EQ(shape_of("-x * y"), "((- x) * y)");
  EXPECT_EQ(shape_of("a - b - c + d"), "(((a - b) - c) + d)");
  EXPECT_EQ(shape_of("a + b @ c / d"), "(a + ((b @ c) / d))");
  EXPECT_EQ(shape_of("a | b ^ c & d << e"), "(a | (b ^ (c & (d << e))))");
  EXPECT_EQ(shape_of("a or b and not c == d + 1"), "(a or (b and (not (c == (d + 1)))))");
  EXPECT_EQ(shape_of("not a not in b"), "(not (a not in b))");
  EXPECT_EQ(shape_of("a is not None"), "(a is not None)");
  EXPECT_EQ(shape_of("(a + b) * c"), "((a + b) * c)");
  EXPECT_EQ(shape_of("a if b else c if d else e + 1"), "(a if b else (c if d else (e + 1)))");
  EXPECT_EQ(shape_of("1e-3 - 0xe-1"), "((1e-3 - 0xe) - 1)");
}

TEST(Syntax, FunctionsInOrder) {
  const std::string text =
      "import torch\nEPS = 1e-5\n\n@torch.jit.script\ndef one(x: Tensor, n: int = 3) -> Tensor:\n"
      "    return x * n\n\n\ndef two(a, *, b): return a + b\n";
  const auto functions = parse_functions(text);
  ASSERT_EQ(functions.size(), 2U);
  EXPECT_EQ(functions[0].name, "one");
  EXPECT_THAT(functions[0].arguments, ElementsAre("x", "n"));
  const Span& span = functions[0].span;
  EXPECT_EQ(text.substr(span.begin, span.end - span.begin),
            "def one(x: Tensor, n: int = 3) -> Tensor:\n    return x * n");
  EXPECT_THAT(functions[1].arguments, ElementsAre("a", "b"));
  EXPECT_EQ(functions[1].body.at(0).kind, StatementKind::result);
}

}  // namespace
}  // namespace gradient_check
