#include "gradient_check/subject/program/training_loop/update_terms.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "gradient_check/python/syntax/children.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

void add_terms(const ast::Expression& expression, int sign, std::vector<Term>& terms) {
  if (const auto* binary = expression.as<ast::BinOp>()) {
    if (binary->op == ast::BinaryOperator::Add || binary->op == ast::BinaryOperator::Sub) {
      add_terms(*binary->left, sign, terms);
      add_terms(*binary->right, binary->op == ast::BinaryOperator::Sub ? -sign : sign, terms);
      return;
    }
  }
  if (const auto* unary = expression.as<ast::UnaryOp>(); unary && terms.empty())
    if (unary->op == ast::UnaryOperator::USub && unary->operand->as<ast::BinOp>())
      return add_terms(*unary->operand, -sign, terms);
  terms.push_back({&expression, sign});
}

bool is_product_call(const ast::Expression& expression) {
  const std::string name = called_name(expression);
  const auto* call = expression.as<ast::Call>();
  return call && (name == "multiply" || name == "mul") && call->args.size() == 2;
}

void add_factors(const ast::Expression& expression, bool divides, Product& product) {
  if (const auto* binary = expression.as<ast::BinOp>()) {
    if (binary->op == ast::BinaryOperator::Mult || binary->op == ast::BinaryOperator::Div) {
      add_factors(*binary->left, divides, product);
      add_factors(*binary->right, (binary->op == ast::BinaryOperator::Div) != divides, product);
      return;
    }
  }
  if (const auto* unary = expression.as<ast::UnaryOp>()) {
    if (unary->op == ast::UnaryOperator::USub) {
      product.sign = -product.sign;
      return add_factors(*unary->operand, divides, product);
    }
  }
  if (is_product_call(expression)) {
    for (const auto& argument : expression.as<ast::Call>()->args)
      add_factors(*argument, divides, product);
    return;
  }
  product.factors.push_back({&expression, divides});
}

std::string lowered(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  word.erase(std::remove(word.begin(), word.end(), '_'), word.end());
  return word;
}

}  // namespace

std::vector<Term> terms_of(const ast::Expression& expression) {
  std::vector<Term> terms;
  add_terms(expression, 1, terms);
  return terms;
}

Product factors_of(const ast::Expression& expression) {
  Product product;
  add_factors(expression, false, product);
  return product;
}

std::string last_word(const ast::Expression& expression) {
  if (const auto* name = expression.as<ast::Name>()) return name->id;
  if (const auto* attribute = expression.as<ast::Attribute>()) return attribute->attr;
  if (const auto* subscript = expression.as<ast::Subscript>())
    if (const auto* key = subscript->slice->as<ast::Constant>())
      if (const auto* text = std::get_if<std::string>(&key->value)) return *text;
  return "";
}

bool is_rate_name(const std::string& word) {
  constexpr std::array<std::string_view, 16> names{
      "lr",  "learningrate", "learnrate", "alpha",  "eta",    "rate",   "stepsize", "lrate",
      "lrt", "lri",          "lrw",       "lrate0", "stepsz", "baselr", "eps",      "epsilon"};
  const std::string low = lowered(word);
  return std::find(names.begin(), names.end(), low) != names.end() ||
         low.find("learningrate") != std::string::npos || low.rfind("lr", 0) == 0;
}

bool is_schedule_name(const std::string& word) {
  constexpr std::array<std::string_view, 10> names{"t",    "i",         "k",     "n",    "it",
                                                   "iter", "iteration", "epoch", "step", "e"};
  const std::string low = lowered(word);
  return std::find(names.begin(), names.end(), low) != names.end() ||
         low.find("decay") != std::string::npos || low.find("anneal") != std::string::npos ||
         low.find("sched") != std::string::npos;
}

bool mentions(const ast::Expression& expression, bool (*test)(const std::string&)) {
  if (test(last_word(expression))) return true;
  bool found = false;
  ast::for_each_child(expression, [&](const auto& child) {
    if constexpr (std::is_same_v<std::decay_t<decltype(child)>, ast::ExpressionPtr>)
      found = found || mentions(*child, test);
  });
  return found;
}

std::string called_name(const ast::Expression& expression) {
  const auto* call = expression.as<ast::Call>();
  if (!call) return "";
  if (const auto* attribute = call->func->as<ast::Attribute>()) return attribute->attr;
  if (const auto* name = call->func->as<ast::Name>()) return name->id;
  return "";
}

}  // namespace gradient_check
