#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "gradient_check/python/syntax/children.h"
#include "gradient_check/python/syntax/parser.h"
#include "gradient_check/python/syntax/replace.h"
#include "gradient_check/python/syntax/unparser.h"
#include "tree_dump.h"

namespace gradient_check::python {
namespace {

using testing::HasSubstr;

ast::Module parsed(const std::string& text) {
  return parse(std::make_shared<SourceText>("program.py", text));
}

std::string error_in(const std::string& text) {
  try {
    parsed(text);
  } catch (const SyntaxError& error) {
    return error.what();
  }
  return "no error";
}

std::string file_text(const char* name) {
  std::ifstream file(std::string(GRADIENT_CHECK_SOURCE "/tests/python/") + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The blocks between lines "====".
std::vector<std::string> blocks(const std::string& text) {
  std::vector<std::string> result;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find("\n====\n", begin);
    result.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) return result;
    begin = end + 6;
  }
}

TEST(SyntaxErrors, SayWhatWasFoundAndWhatToWrite) {
  const auto cases = blocks(file_text("syntax_errors.txt"));
  EXPECT_GT(cases.size(), 40u);
  for (const std::string& text : cases) {
    const std::size_t mark = text.rfind("\n---- ");
    ASSERT_NE(mark, std::string::npos) << text;
    std::string expected = text.substr(mark + 6);
    while (!expected.empty() && expected.back() == '\n') expected.pop_back();
    EXPECT_EQ(error_in(text.substr(0, mark)), "program.py:" + expected) << text;
  }
}

TEST(Tree, GrammarOfPython312HasTheTreesWrittenByHand) {
  for (const std::string& text : blocks(file_text("python312_trees.txt"))) {
    const std::size_t mark = text.rfind("\n---- ");
    ASSERT_NE(mark, std::string::npos) << text;
    std::string expected = text.substr(mark + 6);
    while (!expected.empty() && expected.back() == '\n') expected.pop_back();
    const ast::Module module = parsed(text.substr(0, mark));
    EXPECT_EQ(dump(module, true), expected) << text;
    EXPECT_TRUE(ast::same_structure(module, parsed(unparse(module)))) << unparse(module);
  }
}

TEST(Tree, NodesAreNumberedDensely) {
  const ast::Module module = parsed("def f(a, b=1):\n  with a as c: return [x + b for x in c]\n");
  std::vector<int> seen(module.node_count);
  for (const auto& statement : module.body)
    ast::for_each_node(statement, [&](const auto& node) { ++seen.at(node->id); });
  EXPECT_LE(*std::max_element(seen.begin(), seen.end()), 1);
}

TEST(Tree, NodesKnowTheirParentheses) {
  const ast::Module module = parsed("x = ((a + b)) * c");
  const auto& product = *module.body[0]->as<ast::Assign>()->value->as<ast::BinOp>();
  EXPECT_TRUE(product.left->is_parenthesized());
  EXPECT_EQ(module.source->text(product.left->span), "a + b");
  EXPECT_EQ(module.source->text(product.left->outer), "((a + b))");
  EXPECT_EQ(module.source->text(product.op_span), "*");
  EXPECT_FALSE(product.right->is_parenthesized());
}

TEST(Strings, CharactersHaveNames) {
  const auto value = [](const std::string& literal) {
    const ast::Module module = parsed(literal);
    return std::get<std::string>(
        module.body[0]->as<ast::Expr>()->value->as<ast::Constant>()->value);
  };
  EXPECT_EQ(value("'\\N{GREEK SMALL LETTER SIGMA}\\N{Greek capital letter lambda}'"), "σΛ");
  EXPECT_EQ(value("'\\N{LATIN SMALL LETTER I}\\N{DIGIT TWO}\\N{LEFT CURLY BRACKET}'"), "i2{");
  EXPECT_EQ(value("'\\N{LATIN SUBSCRIPT SMALL LETTER I}'"), "\xef\xbf\xbd");
}

TEST(Python2, PrintStatementsAreRead) {
  const ast::Module module =
      parsed("print 'a', b,\nprint\nprint >>f, 'x'\nprint 'a' % b\nexec 'x' in y\nprint(a)\n");
  EXPECT_TRUE(module.has_print_statement);
  ASSERT_EQ(module.body.size(), 6u);
  EXPECT_FALSE(module.body[0]->as<ast::Print2>()->newline);
  EXPECT_EQ(module.body[0]->as<ast::Print2>()->values.size(), 2u);
  EXPECT_NE(module.body[1]->as<ast::Expr>(), nullptr);
  EXPECT_NE(module.body[2]->as<ast::Print2>()->destination, nullptr);
  EXPECT_NE(module.body[4]->as<ast::Exec2>()->globals, nullptr);
  EXPECT_NE(module.body[5]->as<ast::Expr>(), nullptr);
  EXPECT_TRUE(ast::same_structure(module, parsed(unparse(module)))) << unparse(module);
}

TEST(Replace, SharesAllElseAndKeepsIds) {
  const ast::Module module = parsed("a = b * (c + d)  # comment\ne = f\n");
  const auto& product = *module.body[0]->as<ast::Assign>()->value;
  const auto sum = product.as<ast::BinOp>()->right;
  const auto replacement =
      ast::make_expression(ast::BinOp{sum->as<ast::BinOp>()->left,
                                      ast::BinaryOperator::Sub,
                                      ast::make_expression(ast::Constant{std::int64_t{2}}),
                                      {}});
  const ast::Module edited = ast::replace(module, sum->id, replacement);
  EXPECT_EQ(edited.body[1], module.body[1]);
  EXPECT_EQ(edited.body[0]->id, module.body[0]->id);
  EXPECT_EQ(edited.node_count, module.node_count + 2);
  EXPECT_EQ(unparse(edited), "a = b * (c - 2)\ne = f\n");
  EXPECT_EQ(edited_text(*edited.body[0], *edited.source), "a = b * (c - 2)");
  EXPECT_EQ(unparse(module), "a = b * (c + d)\ne = f\n");
}

TEST(Replace, ParenthesesFollowPrecedence) {
  const ast::Module module = parsed("a = -(b) ** c");
  const auto power = module.body[0]->as<ast::Assign>()->value->as<ast::UnaryOp>()->operand;
  const auto base = power->as<ast::BinOp>()->left;
  const auto sum = ast::make_expression(ast::BinOp{base, ast::BinaryOperator::Add, base, {}});
  EXPECT_EQ(edited_text(*ast::replace(module, base->id, sum).body[0], *module.source),
            "a = -((b) + (b)) ** c");
  EXPECT_EQ(edited_text(*ast::replace(module, power->id, base).body[0], *module.source), "a = -b");
}

TEST(Replace, KeepsTheTextAround) {
  const std::string text =
      "def f(x):\n    # why\n    y = foo( x,\n             1 )  # here\n    return y\n";
  const ast::Module module = parsed(text);
  const auto& function = *module.body[0]->as<ast::FunctionDef>();
  const auto one = function.body[0]->as<ast::Assign>()->value->as<ast::Call>()->args[1];
  const ast::Module edited =
      ast::replace(module, one->id, ast::make_expression(ast::Constant{2.5}));
  EXPECT_EQ(edited_text(*edited.body[0], *edited.source),
            "def f(x):\n    # why\n    y = foo( x,\n             2.5 )  # here\n    return y");
  const ast::Module without =
      ast::replace(module, function.body[0]->id, ast::make_statement(ast::Pass{}));
  EXPECT_EQ(edited_text(*without.body[0], *without.source),
            "def f(x):\n    # why\n    pass  # here\n    return y");
}

TEST(Replace, UnknownNodesAndTooHighTreesAreRefused) {
  const ast::Module module = parsed("x = y");
  EXPECT_THROW(ast::replace(module, 999, ast::make_statement(ast::Pass{})), std::out_of_range);
  ast::ExpressionPtr high = ast::make_expression(ast::Name{"x"});
  EXPECT_THROW(for (int i = 0; i < 2000; ++i) high =
                   ast::make_expression(ast::UnaryOp{ast::UnaryOperator::USub, high, {}}),
               std::length_error);
}

TEST(Unparse, PrefersTheUsersCharacters) {
  const ast::Module module = parsed("x = 1e-07 if  a  else 'b'\n");
  EXPECT_EQ(unparse(*module.body[0], module.source.get()), "x = 1e-07 if  a  else 'b'");
  EXPECT_EQ(unparse(*module.body[0]), "x = 1e-07 if a else 'b'");
}

TEST(ParseExpression, TakesOneExpression) {
  const ast::Module module = parse_expression("loss", "cost + penalty");
  EXPECT_NE(module.body[0]->as<ast::Expr>()->value->as<ast::BinOp>(), nullptr);
  EXPECT_THROW(parse_expression("loss", "a b"), SyntaxError);
  EXPECT_THROW(parse_expression("loss", "a = b"), SyntaxError);
  EXPECT_THROW(parse_expression("loss", ""), SyntaxError);
}

// Bounds: hostile text ends in an error, soon, and never in an overflow of the stack.

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST(Bounds, DeepTextIsRefused) {
  constexpr int many = 100000;
  for (const char* opening : {"(", "[", "{", "f(", "a[", "-", "~", "not ",
                              "lambda: ", "x if y else ", "x ** ", "f'{", "*", "a.", "await "}) {
    EXPECT_THAT(error_in(repeated(opening, many) + "x"), HasSubstr("program.py:1:")) << opening;
  }
  EXPECT_THAT(error_in("x = a" + repeated(" + a", many)), HasSubstr("nested"));
  EXPECT_THAT(error_in("x" + repeated(".a", many)), HasSubstr("nested"));
  EXPECT_THAT(error_in("x" + repeated("()", many)), HasSubstr("nested"));
  EXPECT_THAT(error_in("if a: b\n" + repeated("elif a: b\n", many)), HasSubstr("nested"));
  EXPECT_EQ(error_in("x = a" + repeated(" and a", many)), "no error");
  std::string blocks;
  for (int i = 0; i < 300; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "if x:\n";
  EXPECT_THAT(error_in(blocks), HasSubstr("blocks stand in each other"));
}

TEST(Bounds, ModeratelyDeepTextIsRead) {
  EXPECT_EQ(error_in("x = " + repeated("(", 199) + "1" + repeated(")", 199)), "no error");
  EXPECT_EQ(error_in("x = a" + repeated(" + a", 900)), "no error");
  EXPECT_EQ(error_in("x = " + repeated("-", 900) + "a"), "no error");
}

TEST(Bounds, AnyBytesEndInATreeOrASyntaxError) {
  std::mt19937 random(1);
  const std::string snippets = file_text("snippets.txt");
  for (int round = 0; round < 3000; ++round) {
    std::string text = snippets.substr(random() % snippets.size(), random() % 300);
    for (int i = 0; i < 3 && !text.empty(); ++i) {
      const std::size_t at = random() % text.size();
      const char byte = static_cast<char>(round % 2 == 0 ? random() % 128 : random() % 256);
      if (random() % 2 == 0)
        text[at] = byte;
      else
        text.erase(at, random() % 5);
    }
    try {
      const ast::Module module = parsed(text);
      EXPECT_TRUE(ast::same_structure(module, parsed(unparse(module)))) << text;
    } catch (const SyntaxError& error) {
      EXPECT_LE(error.span().begin, text.size() + 1) << text;
    }
  }
}

}  // namespace
}  // namespace gradient_check::python
