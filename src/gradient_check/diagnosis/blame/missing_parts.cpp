#include "gradient_check/diagnosis/blame/editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "gradient_check/diagnosis/blame/factor_text.h"

namespace gradient_check {
namespace {

/// Functions of one tensor that are often left out.
bool is_elementwise(const std::string& name) {
  for (const char* known : {"tanh", "sigmoid", "relu", "exp", "log", "sqrt", "rsqrt", "abs"})
    if (name == known) return true;
  return false;
}

/// The functions of one argument that the program calls or defines.
std::vector<std::string> functions_in(const EditContext& context) {
  std::vector<std::string> found = context.unary_functions;
  const std::string& text = context.text;
  const std::string module = context.arrays ? "np." : "torch.";
  for (std::size_t at = text.find(module); at != std::string::npos;
       at = text.find(module, at + 1)) {
    std::size_t end = at + module.size();
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_'))
      ++end;
    const std::string name = text.substr(at, end - at);
    if (end < text.size() && text[end] == '(' && is_elementwise(name.substr(module.size())) &&
        std::find(found.begin(), found.end(), name) == found.end())
      found.push_back(name);
  }
  return found;
}

/// The numbers of the program that could scale something, each once.
std::vector<std::pair<std::string, double>> numbers_in(const EditContext& context) {
  std::vector<std::pair<std::string, double>> found;
  for (const auto& [text, value] : with_constants(context.environment, context.text)) {
    const double number = value.isDouble() ? value.toDouble()
                          : value.isInt()  ? static_cast<double>(value.toInt())
                                           : 0;
    if (std::abs(number) > 1e-2 && number != 1 && number != -1 && found.size() < 12)
      found.emplace_back(text, number);
  }
  return found;
}

}  // namespace

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
  numbers(expr);
  for (const std::string& function : functions_in(context_))
    add(expr, any, function + "(" + raw(expr) + ")", atom, Change::operation, 3.2);
  if (!expr.is(ExprKind::name) && reduced_++ < 4)
    for (const std::string& reduction : context_.reductions)
      add(expr, any, fmt::format("{}.{}", raw(expr, atom), reduction), atom, Change::reduction,
          3.15);
  if (!expr.is(ExprKind::binary) || (expr.text != "+" && expr.text != "-")) terms(expr);
}

void Editor::factors(const Expr& expr, int least) {
  if (factors_seen_++ > 24) return;
  for (const std::string& factor : factors_for(expr)) {
    add(expr, least, raw(expr, product) + " * " + factor, product, Change::missing_factor, 3,
        raw(expr), factor);
    use(Recipe::multiply, expr, factor);
    if (expr.is(ExprKind::name) && factor == raw(expr)) continue;
    add(expr, least, raw(expr, product) + " / " + factor, product, Change::missing_factor, 3.1,
        raw(expr), "1 / " + factor);
    use(Recipe::divide, expr, factor);
  }
  for (const std::string& factor : names_that_expand(shape_of(expr))) {
    add(expr, least, raw(expr, product) + " * " + factor, product, Change::missing_factor, 3.05,
        raw(expr), factor);
    use(Recipe::multiply, expr, factor);
  }
}

/// A number of the program that a piece should be multiplied with or divided by: where its effect
/// is not linear, a scale cannot be solved for.
void Editor::numbers(const Expr& expr) {
  for (const auto& [text, value] : numbers_in(context_))
    for (const bool divides : {false, true}) {
      add(expr, any, raw(expr, product) + (divides ? " / " : " * ") + text, product, Change::scale,
          2.6);
      use(divides ? Recipe::divide : Recipe::multiply, expr, text);
      edits_.back().factor = divides ? value : 1 / value;
    }
}

std::vector<std::string> Editor::names_that_expand(const std::vector<std::int64_t>& shape) const {
  std::vector<std::string> names;
  for (const auto& [name, value] : context_.environment)
    if (value.isTensor() && value.toTensor().defined() && value.toTensor().is_floating_point() &&
        value.toTensor().sizes() != at::IntArrayRef(shape) &&
        value.toTensor().dim() == static_cast<std::int64_t>(shape.size()) &&
        broadcasts(shape, value.toTensor().sizes()))
      names.push_back(name);
  return names;
}

const std::vector<std::string>& Editor::factors_for(const Expr& expr) {
  const std::vector<std::int64_t> shape = shape_of(expr);
  auto [found, is_new] = factors_.try_emplace(shape);
  if (is_new)
    found->second =
        factors_in({context_.text, context_.environment, shape, context_.unary_functions,
                    context_.reductions, nullptr, context_.arrays});
  return found->second;
}

std::vector<std::int64_t> Editor::shape_of(const Expr& expr) const {
  if (context_.evaluate)
    if (const at::Tensor value = context_.evaluate(raw(expr)); value.defined() && value.dim() > 0)
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
  if (terms_seen_++ > 8) return;
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
  for (const std::string& name : names_that_expand(shape_of(expr))) both(name, 3.05);
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
