#include "gradient_check/diagnosis/blame/edit.h"

#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/diagnosis/blame/editor.h"

namespace gradient_check {

std::vector<Edit> edits_of(const Expr& expression, const EditContext& context) {
  return Editor(context).run(expression);
}

std::vector<std::string> tensors_of_shape(const Environment& environment, at::IntArrayRef shape) {
  std::vector<std::string> names;
  for (const auto& [name, value] : environment)
    if (value.isTensor() && value.toTensor().defined() && value.toTensor().is_floating_point() &&
        value.toTensor().sizes() == shape)
      names.push_back(name);
  return names;
}

bool broadcasts(at::IntArrayRef from, at::IntArrayRef to) {
  if (from.size() > to.size()) return false;
  for (std::size_t i = 1; i <= from.size(); ++i)
    if (from[from.size() - i] != 1 && from[from.size() - i] != to[to.size() - i]) return false;
  return true;
}

namespace {

/// Vectors along a dimension that is not the last: gamma.reshape(1, -1, 1).
void add_channel_vectors(const EditContext& context, std::vector<std::string>& factors) {
  const auto dims = static_cast<std::int64_t>(context.shape.size());
  for (const auto& [name, value] : context.environment) {
    if (!value.isTensor() || !value.toTensor().defined() || value.toTensor().dim() != 1 ||
        !value.toTensor().is_floating_point() || value.toTensor().numel() < 2)
      continue;
    for (std::int64_t d = 0; d + 1 < dims; ++d) {
      if (context.shape[static_cast<std::size_t>(d)] != value.toTensor().numel()) continue;
      std::string sizes;
      for (std::int64_t i = 0; i < dims; ++i)
        sizes += std::string(i > 0 ? ", " : "") + (i == d ? "-1" : "1");
      factors.push_back(fmt::format("{}.reshape({})", name, sizes));
    }
  }
}

}  // namespace

std::vector<std::string> factors_in(const EditContext& context) {
  const std::vector<std::string> names = tensors_of_shape(context.environment, context.shape);
  std::vector<std::string> factors = names;
  for (const auto& [name, value] : context.environment)
    if (value.isTensor() && value.toTensor().defined() && value.toTensor().is_floating_point() &&
        value.toTensor().sizes() != context.shape &&
        broadcasts(value.toTensor().sizes(), context.shape))
      factors.push_back(name);
  add_channel_vectors(context, factors);
  for (const std::string& name : names) {
    factors.push_back(fmt::format("({} > 0)", name));
    factors.push_back(fmt::format("(1 - {0} * {0})", name));
    factors.push_back(fmt::format("({0} * (1 - {0}))", name));
    factors.push_back(fmt::format("(1 - {})", name));
    for (const std::string& function : context.unary_functions)
      factors.push_back(fmt::format("{}({})", function, name));
  }
  return factors;
}

std::string edited(const std::string& text, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.span.begin > b.span.begin; });
  std::string result = text;
  for (const Edit& edit : edits)
    result.replace(edit.span.begin, edit.span.end - edit.span.begin, edit.replacement);
  return result;
}

}  // namespace gradient_check
