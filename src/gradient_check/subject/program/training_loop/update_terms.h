#pragma once

#include <string>
#include <vector>

#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

/// An expression with its sign in a sum.
struct Term {
  const python::ast::Expression* expression;
  int sign;
};
/// An expression in a product; `divides` where it stands below the line.
struct Factor {
  const python::ast::Expression* expression;
  bool divides;
};
struct Product {
  std::vector<Factor> factors;
  int sign = 1;
};

/// a - (b + c): a, -b, -c. One term where it is no sum.
std::vector<Term> terms_of(const python::ast::Expression& expression);
/// -lr * g / n: lr, g, and n below the line, with its sign. One factor where it is no product.
Product factors_of(const python::ast::Expression& expression);

/// The last word of a name, attribute or key: "lr" of `self.lr`, `config["lr"]` and `lr`.
std::string last_word(const python::ast::Expression& expression);
/// Whether that is what people call a learning rate.
bool is_rate_name(const std::string& word);
/// Whether that is what a schedule of learning rates is made of: a decay, a counter of turns.
bool is_schedule_name(const std::string& word);
/// Whether a name that passes the test stands anywhere in an expression.
bool mentions(const python::ast::Expression& expression, bool (*test)(const std::string&));
/// The function that a call calls, without its module: "clip" of np.clip(…) and of g.clip(…).
std::string called_name(const python::ast::Expression& expression);

}  // namespace gradient_check
