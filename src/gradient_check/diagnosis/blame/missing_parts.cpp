#include "gradient_check/diagnosis/blame/editor.h"

#include <fmt/format.h>

#include <algorithm>

namespace gradient_check {

void Editor::scaling(const Expr& expr) {
  add_at(expr.span, fmt::format("(__k * ({}))", raw(expr)), Change::scale, 2.45, raw(expr), "");
  edits_.back().is_scaling = true;
}

void Editor::normalised(const Expr& expr) {
  for (const std::string& reduction : context_.reductions)
    if (reduction.rfind("sum", 0) == 0)
      add(expr, any, fmt::format("{0} / {1}.{2}", raw(expr, product), raw(expr, atom), reduction),
          product, Change::missing_factor, 3.3, raw(expr),
          fmt::format("1 / {}.{}", raw(expr, atom), reduction));
}

void Editor::group(const Expr& expr) {
  factors(expr, any);
  if (!expr.is(Kind::name) && reduced_++ < 4)
    for (const std::string& reduction : context_.reductions)
      add(expr, any, fmt::format("{}.{}", raw(expr, atom), reduction), atom, Change::reduction,
          3.15);
  if (!expr.is(Kind::binary) || (expr.text != "+" && expr.text != "-")) terms(expr);
}

void Editor::factors(const Expr& expr, int least) {
  if (factors_seen_++ > 24) return;
  for (const std::string& factor : factors_for(expr)) {
    add(expr, least, raw(expr, product) + " * " + factor, product, Change::missing_factor, 3,
        raw(expr), factor);
    use(Recipe::multiply, expr, factor);
    if (expr.is(Kind::name) && factor == raw(expr)) continue;
    add(expr, least, raw(expr, product) + " / " + factor, product, Change::missing_factor, 3.1,
        raw(expr), "1 / " + factor);
    use(Recipe::divide, expr, factor);
  }
}

const std::vector<std::string>& Editor::factors_for(const Expr& expr) {
  const std::vector<std::int64_t> shape = shape_of(expr);
  auto [found, is_new] = factors_.try_emplace(shape);
  if (is_new)
    found->second = factors_in({context_.text, context_.environment, shape,
                                context_.unary_functions, context_.reductions});
  return found->second;
}

std::vector<std::int64_t> Editor::shape_of(const Expr& expr) const {
  if (context_.evaluate)
    if (const at::Tensor value = context_.evaluate(raw(expr)); value.defined())
      return value.sizes().vec();
  std::vector<std::int64_t> shape = context_.shape.vec();
  std::int64_t most = -1;
  for (const std::string& name : names_in(expr)) {
    const auto found = context_.environment.find(name);
    if (found == context_.environment.end() || !found->second.isTensor() ||
        !found->second.toTensor().defined())
      continue;
    const at::Tensor& tensor = found->second.toTensor();
    if (tensor.sizes() == context_.shape) return context_.shape.vec();
    if (tensor.numel() > most) shape = tensor.sizes().vec();
    most = std::max(most, tensor.numel());
  }
  return shape;
}

void Editor::terms(const Expr& expr) {
  if (terms_seen_++ > 3) return;
  const auto both = [&](const std::string& term, double cost) {
    add_at({expr.span.end, expr.span.end}, " + " + term, Change::missing_term, cost, raw(expr),
           term);
    use(Recipe::add, expr, term);
    add_at({expr.span.end, expr.span.end}, " - " + term, Change::missing_term, cost, raw(expr),
           "-" + term);
    use(Recipe::subtract, expr, term);
  };
  for (const std::string& name : tensors_of_shape(context_.environment, shape_of(expr)))
    both(name, 3);
  std::vector<std::string> names;
  for (const std::string& name : names_in(expr))
    if (const auto found = context_.environment.find(name);
        found != context_.environment.end() && found->second.isTensor())
      names.push_back(name);
  for (const std::string& arguments : context_.reductions)
    for (const std::string& a : names) {
      both(fmt::format("{}.{}", a, arguments), 3.3);
      for (const std::string& b : names)
        if (names.size() <= 4) both(fmt::format("{0} * ({1} * {0}).{2}", a, b, arguments), 3.8);
    }
}

}  // namespace gradient_check
