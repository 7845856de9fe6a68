#include "gradient_check/subject/program/training_loop/update_gradient.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "gradient_check/subject/program/training_loop/location.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

/// How many expressions one after the other are looked behind.
constexpr int deepest_look = 12;

bool is_any_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* each) { return name == each; });
}

bool clips(const ast::Expression& call) {
  return is_any_of(called_name(call), {"clip", "clamp", "clip_", "clamp_", "clip_gradient",
                                       "clip_grad", "clip_by_norm", "clip_by_value"});
}
/// What hands on the same numbers.
bool copies(const ast::Expression& call) {
  return is_any_of(called_name(call), {"copy", "clone", "detach", "array", "asarray", "float",
                                       "item", "astype", "contiguous", "double", "numpy"});
}

/// The array that a call is about: the receiver of a method, or the first argument.
const ast::Expression* first_operand(const ast::Expression& expression, const ValueLog& log) {
  const auto* call = expression.as<ast::Call>();
  if (const auto* attribute = call->func->as<ast::Attribute>())
    if (floating_tensor(log.latest(*attribute->value)).defined()) return attribute->value.get();
  return call->args.empty() ? nullptr : call->args.front().get();
}

bool is_literal(const ast::Expression& expression) {
  return expression.as<ast::Constant>() != nullptr;
}

bool is_matrix_product(const ast::Expression& expression) {
  const auto* binary = expression.as<ast::BinOp>();
  return (binary && binary->op == ast::BinaryOperator::MatMult) ||
         is_any_of(called_name(expression), {"dot", "matmul", "mm", "outer"});
}

}  // namespace

/// lr * X.T @ d: the rate that stands inside a matrix product; 1 where there is none.
double UpdateGradient::rate_inside(const ast::Expression& expression) const {
  if (!is_matrix_product(expression)) return 1;
  std::vector<const ast::Expression*> operands;
  if (const auto* binary = expression.as<ast::BinOp>()) {
    operands = {binary->left.get(), binary->right.get()};
  } else {
    const auto* call = expression.as<ast::Call>();
    for (const auto& argument : call->args) operands.push_back(argument.get());
    if (const auto* method = call->func->as<ast::Attribute>())
      operands.push_back(method->value.get());
  }
  double rate = 1;
  for (const ast::Expression* operand : operands) {
    const Product product = factors_of(*operand);
    for (const Factor& factor : product.factors) {
      if (is_matrix_product(*factor.expression)) rate *= rate_inside(*factor.expression);
      if (product.factors.size() > 1 && is_number(*factor.expression) &&
          mentions(*factor.expression, is_rate_name))
        rate *= log_.latest(*factor.expression).as_real();
    }
  }
  return rate;
}

at::Tensor UpdateGradient::value_of(const ast::Expression& expression) const {
  const at::Tensor tensor = floating_tensor(log_.latest(expression));
  return tensor.defined() ? tensor.detach() : tensor;
}

bool UpdateGradient::is_number(const ast::Expression& expression) const {
  return is_literal(expression) || log_.latest(expression).is_number();
}

bool UpdateGradient::is_scalar(const ast::Expression& expression) const {
  if (is_number(expression)) return true;
  const at::Tensor tensor = tensor_in(log_.latest(expression));
  return tensor.defined() && tensor.numel() == 1 && tensor.dim() == 0;
}

MovedAlong UpdateGradient::of(const std::vector<Term>& terms, bool all_scalars_are_rates) const {
  const at::NoGradGuard no_grad;
  return of_sum(terms, all_scalars_are_rates, 0);
}

MovedAlong UpdateGradient::of_sum(const std::vector<Term>& terms, bool all_rates, int depth) const {
  if (terms.size() == 1) {
    MovedAlong found = of_term(*terms[0].expression, all_rates, depth);
    found.sign *= terms[0].sign;
    return found;
  }
  std::vector<Term> others;
  for (const Term& term : terms)
    if (!is_state_term(*term.expression, depth)) others.push_back(term);
  const bool has_state = others.size() < terms.size();
  if (has_state && others.size() == 1) {
    MovedAlong found = of_sum(others, true, depth + 1);
    found.through_state = true;
    found.rate.reset();
    return found;
  }
  if (others.empty()) others = terms;
  // Each by itself: what they are moved along is their sum where they have one rate.
  MovedAlong sum;
  for (const Term& term : others) {
    MovedAlong found = of_term(*term.expression, all_rates || has_state, depth + 1);
    if (!found.value.defined()) return {};
    const int sign = found.sign * term.sign;
    if (!sum.value.defined()) {
      sum = found;
      sum.sign = sign;
      continue;
    }
    const double weight = found.rate && sum.rate && *sum.rate != 0 ? *found.rate / *sum.rate : 1;
    sum.value = sum.value + found.value * (weight * sign * sum.sign);
    sum.made_at = term.expression;
  }
  sum.through_state |= has_state;
  return sum;
}

MovedAlong UpdateGradient::of_term(const ast::Expression& expression, bool all_rates,
                                   int depth) const {
  const std::vector<Term> terms = terms_of(expression);
  if (terms.size() > 1) return of_sum(terms, all_rates, depth);
  Product product = factors_of(*terms[0].expression);
  product.sign *= terms[0].sign;
  if (product.factors.size() > 1) return of_product(expression, product, all_rates, depth);
  MovedAlong found = of_leaf(*product.factors[0].expression, depth);
  found.sign *= product.sign;
  return found;
}

MovedAlong UpdateGradient::of_product(const ast::Expression& expression, const Product& product,
                                      bool all_rates, int depth) const {
  std::vector<Factor> rates, others;
  bool has_named = false, has_literal = false;
  for (const Factor& factor : product.factors) {
    has_named |= is_scalar(*factor.expression) && mentions(*factor.expression, is_rate_name);
    has_literal |= !factor.divides && is_literal(*factor.expression);
  }
  const auto has_array = std::any_of(product.factors.begin(), product.factors.end(),
                                     [&](const Factor& f) { return !is_scalar(*f.expression); });
  for (const Factor& factor : product.factors) {
    const ast::Expression& each = *factor.expression;
    bool rate = false;
    if (is_scalar(each) && (has_array || is_number(each) || mentions(each, is_rate_name))) {
      if (all_rates)
        rate = true;
      else if (has_named)
        rate = mentions(each, is_rate_name) || mentions(each, is_schedule_name);
      else if (has_literal)
        rate = is_literal(each) && !factor.divides;
      else
        rate = is_number(each) && !factor.divides;
    }
    (rate ? rates : others).push_back(factor);
  }
  if (others.empty()) others.push_back(rates.back()), rates.pop_back();
  double rate = product.sign;
  for (const Factor& factor : rates) {
    const at::Tensor value = floating_tensor(log_.latest(*factor.expression));
    const double number = value.defined() ? value.item().toDouble() : 1;
    rate = factor.divides ? rate / number : rate * number;
  }
  // Above a denominator that remembers, as Adam's and RMSprop's do, the numerator alone.
  std::vector<Factor> above;
  bool divided_by_state = false;
  for (const Factor& factor : others)
    if (factor.divides && holds_state(*factor.expression, depth))
      divided_by_state = true;
    else
      above.push_back(factor);
  if (above.size() > 1) {
    std::vector<Factor> arrays;
    for (const Factor& factor : above)
      if (!is_scalar(*factor.expression)) arrays.push_back(factor);
    if (arrays.size() == 1 && !arrays[0].divides) {
      MovedAlong inner = of_leaf(*arrays[0].expression, depth + 1);
      if (inner.through_state) above = arrays;
    }
  }
  MovedAlong found;
  if (above.size() == 1 && !above[0].divides) {
    found = of_term(*above[0].expression, all_rates, depth + 1);
  } else {
    for (const Factor& factor : above) {
      const at::Tensor value = value_of(*factor.expression);
      if (!value.defined()) continue;
      if (!found.value.defined())
        found.value = factor.divides ? value.reciprocal() : value;
      else
        found.value = factor.divides ? found.value / value : found.value * value;
    }
    found.made_at = &expression;
    double inside = 1;
    for (const Factor& factor : above)
      inside = factor.divides ? inside / rate_inside(*factor.expression)
                              : inside * rate_inside(*factor.expression);
    if (rates.empty() && !divided_by_state) found.value = value_of(expression) * product.sign;
    if (inside != 1 && inside != 0) {
      found.value = found.value / std::abs(inside);
      found.rate = std::abs(inside);
      if (inside < 0) found.sign = -found.sign;
    }
    for (const Factor& factor : above)  // whose gradient it is tells the array among them
      if (!is_scalar(*factor.expression))
        found.of_autograd |= of_leaf(*factor.expression, depth + 1).of_autograd;
  }
  found.through_state |= divided_by_state;
  if (rate < 0) found.sign = -found.sign;
  if (found.rate && !found.through_state)
    *found.rate *= std::abs(rate);
  else
    found.rate.reset();
  return found;
}

MovedAlong UpdateGradient::of_leaf(const ast::Expression& expression, int depth) const {
  const python::Value& value = log_.latest(expression);
  MovedAlong found;
  if (const auto before = clipped_.find(identity(value)); before != clipped_.end())
    found.value = before->second;
  else
    found.value = value_of(expression);
  found.made_at = &expression;
  if (const double rate = rate_inside(expression);
      rate != 1 && rate != 0 && found.value.defined()) {
    found.value = found.value / std::abs(rate);
    found.sign = rate < 0 ? -1 : 1;
    found.rate = std::abs(rate);
    return found;
  }
  const auto* attribute = expression.as<ast::Attribute>();
  found.of_autograd = attribute && attribute->attr == "grad" && value.is(python::Kind::tensor);
  if (depth > deepest_look) return found;
  const auto buffer = buffers_.find(identity(value));
  if (identity(value) && buffer != buffers_.end() && buffer->second.scaled &&
      buffer->second.added) {
    found = *buffer->second.added;
    found.through_state = true;
    found.rate.reset();
    return found;
  }
  if (expression.as<ast::Call>()) {
    if (auto inner = of_maker(expression, depth)) return *inner;
    return found;
  }
  if (const ast::Expression* maker = log_.maker(expression, value)) {
    if (!found.of_autograd) found.made_at = maker;
    if (auto inner = of_maker(*maker, depth)) return *inner;
  }
  return found;
}

std::optional<MovedAlong> UpdateGradient::of_maker(const ast::Expression& maker, int depth) const {
  if (maker.as<ast::Call>()) {
    const ast::Expression* operand =
        clips(maker) || copies(maker) ? first_operand(maker, log_) : nullptr;
    if (!operand) return std::nullopt;
    MovedAlong found = of_term(*operand, false, depth + 1);
    return found.value.defined() ? std::optional(found) : std::nullopt;
  }
  const std::vector<Term> terms = terms_of(maker);
  if (terms.size() > 1) {
    const auto states = std::count_if(terms.begin(), terms.end(), [&](const Term& term) {
      return is_state_term(*term.expression, depth + 1);
    });
    const bool rated = std::all_of(terms.begin(), terms.end(), [](const Term& term) {
      return mentions(*term.expression, is_rate_name);
    });
    if ((states > 0 && states < static_cast<std::ptrdiff_t>(terms.size())) || rated)
      return of_sum(terms, false, depth + 1);
    return std::nullopt;
  }
  const Product product = factors_of(maker);
  if (product.factors.size() < 2) return std::nullopt;
  const bool rated =
      std::any_of(product.factors.begin(), product.factors.end(), [&](const Factor& factor) {
        return is_scalar(*factor.expression) && mentions(*factor.expression, is_rate_name);
      });
  if (rated) return of_product(maker, product, false, depth + 1);
  // A corrected momentum: m / (1 - beta ** t).
  const Factor* array = nullptr;
  for (const Factor& factor : product.factors) {
    if (is_scalar(*factor.expression)) continue;
    if (array || factor.divides) return std::nullopt;
    array = &factor;
  }
  if (!array) return std::nullopt;
  MovedAlong inner = of_leaf(*array->expression, depth + 1);
  return inner.through_state ? std::optional(inner) : std::nullopt;
}

bool UpdateGradient::is_state_term(const ast::Expression& expression, int depth) const {
  if (depth > deepest_look) return false;
  int arrays = 0, states = 0;
  for (const Factor& factor : factors_of(expression).factors) {
    const ast::Expression* each = factor.expression;
    while (each && each->as<ast::Call>() && copies(*each)) each = first_operand(*each, log_);
    if (!each) return false;
    const python::Value& value = log_.latest(*each);
    const ast::Expression* maker = log_.maker(*each, value);
    if (maker && maker->as<ast::Call>() && copies(*maker)) {  // v_prev = v.copy()
      each = first_operand(*maker, log_);
      if (!each) return false;
    }
    const bool state = is_state_(*each, log_.latest(*each));
    arrays += !is_scalar(*factor.expression);
    states += state;
  }
  return states == 1 && arrays <= 1;
}

bool UpdateGradient::holds_state(const ast::Expression& expression, int depth) const {
  if (depth > deepest_look) return false;
  const python::Value& value = log_.latest(expression);
  if (is_state_(expression, value)) return true;
  if (const auto* power = expression.as<ast::BinOp>()) {
    if (power->op == ast::BinaryOperator::MatMult) return false;
    return holds_state(*power->left, depth + 1) || holds_state(*power->right, depth + 1);
  }
  if (const auto* unary = expression.as<ast::UnaryOp>())
    return holds_state(*unary->operand, depth + 1);
  if (expression.as<ast::Call>()) {
    if (!copies(expression) &&
        !is_any_of(called_name(expression),
                   {"sqrt", "square", "abs", "maximum", "sqrt_", "max", "add", "pow"}))
      return false;
    const ast::Expression* operand = first_operand(expression, log_);
    return operand && holds_state(*operand, depth + 1);
  }
  if (const ast::Expression* maker = log_.maker(expression, value); maker && maker != &expression)
    if (maker->as<ast::BinOp>() || maker->as<ast::Call>() || maker->as<ast::UnaryOp>())
      return holds_state(*maker, depth + 3);
  return false;
}

}  // namespace gradient_check
