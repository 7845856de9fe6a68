#include "gradient_check/subject/program/entries/bound_gradients.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/text.h"
#include "gradient_check/subject/program/entries/gradient_name.h"

namespace gradient_check {
namespace {

using python::Kind;
using python::Value;
using TensorNames = std::vector<std::string>;

const std::string* said_of(const GradientNames& said, const std::string& name) {
  for (const auto& [gradient, tensor] : said.names)
    if (gradient == name) return &tensor;
  return nullptr;
}

class GradientBinder {
 public:
  GradientBinder(const GradientNames& said, const GradientTargets& targets)
      : said_(said), targets_(targets) {}

  NamedTensors bind(const Value& result) {
    if (const auto* dictionary = result.get_if<python::Dict>())
      add_named(*dictionary);
    else if (const auto* tuple = result.get_if<python::Tuple>())
      add_listed(tuple->elements);
    else if (const auto* list = result.get_if<python::List>())
      add_listed(list->elements);
    else if (!result.is_none())
      add_listed({result});
    return std::move(gradients_);
  }

 private:
  void add(const std::string& name, const Value& value) {
    if (value.is_none()) return;
    const at::Tensor gradient = EvaluatedProgram::tensor_in(value);
    if (!gradient.defined())
      throw std::invalid_argument(
          fmt::format("a {} as the gradient of '{}'", EvaluatedProgram::type_of(value), name));
    gradients_.set(name, gradient);
  }

  void add_named(const python::Dict& dictionary) {
    for (const auto& entry : dictionary.table.entries()) {
      if (!entry.key.is_set()) continue;
      if (!entry.key.is(Kind::string))
        throw std::invalid_argument(
            fmt::format("a dictionary with a {} as key", EvaluatedProgram::type_of(entry.key)));
      const std::string& key = python::text_of(entry.key);
      const std::string* tensor = said_of(said_, key);
      if (!tensor) tensor = tensor_of_gradient(key, targets_.tensors);
      if (tensor) add(*tensor, entry.value);
    }
  }

  /// A dictionary among others has its own names.
  void add_listed(const std::vector<Value>& elements) {
    std::vector<Value> rest;
    TensorNames names;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (const auto* dictionary = elements[i].get_if<python::Dict>()) {
        add_named(*dictionary);
        continue;
      }
      rest.push_back(elements[i]);
      if (i < targets_.returned.size()) names.push_back(targets_.returned[i]);
    }
    if (rest.empty()) return;
    const auto owners = owners_of(rest, names);
    for (std::size_t i = 0; i < rest.size(); ++i)
      if (owners[i]) add(*owners[i], rest[i]);
  }

  /// Whose each of the elements is; nothing for what is no gradient.
  std::vector<std::optional<std::string>> owners_of(const std::vector<Value>& elements,
                                                    const TensorNames& names) const {
    if (!said_.positions.empty()) {
      if (said_.positions.size() == elements.size()) return said_.positions;
      throw std::invalid_argument(fmt::format("{} values where \"gradients\" names {}",
                                              elements.size(), said_.positions.size()));
    }
    if (!said_.names.empty())
      if (auto owners = by_name(elements.size(), names)) return *owners;
    if (elements.size() == targets_.tensors.size()) return whole(targets_.tensors);
    if (elements.size() == targets_.arguments.size()) return of_arguments();
    if (auto owners = by_name(elements.size(), names)) return *owners;
    if (auto owners = of_leading_tensors(elements)) return *owners;
    throw std::invalid_argument(fmt::format(
        "{} value{}, where {} can have a gradient: say whose each is, "
        "\"program\": {{…, \"gradients\": [\"{}\", …]}}",
        elements.size(), elements.size() == 1 ? "" : "s",
        targets_.tensors.empty() ? "nothing" : fmt::format("{}", fmt::join(targets_.tensors, ", ")),
        targets_.tensors.empty() ? "x" : targets_.tensors.front()));
  }

  static std::vector<std::optional<std::string>> whole(const TensorNames& names) {
    return {names.begin(), names.end()};
  }

  std::vector<std::optional<std::string>> of_arguments() const {
    std::vector<std::optional<std::string>> owners;
    for (const std::string& argument : targets_.arguments) {
      const bool has = std::find(targets_.tensors.begin(), targets_.tensors.end(), argument) !=
                       targets_.tensors.end();
      owners.push_back(has ? std::optional(argument) : std::nullopt);
    }
    return owners;
  }

  /// As the variables say that are returned, where each says another tensor.
  std::optional<std::vector<std::optional<std::string>>> by_name(std::size_t count,
                                                                 const TensorNames& names) const {
    if (names.size() != count) return std::nullopt;
    std::vector<std::optional<std::string>> owners;
    for (const std::string& name : names) {
      const std::string* tensor = said_of(said_, name);
      if (!tensor) tensor = tensor_of_gradient(name, targets_.tensors);
      if (!tensor || std::find(owners.begin(), owners.end(), *tensor) != owners.end())
        return std::nullopt;
      owners.emplace_back(*tensor);
    }
    return owners;
  }

  /// Fewer than there are tensors: those of the first, where there are no more arguments; more: the
  /// rest is None.
  std::optional<std::vector<std::optional<std::string>>> of_leading_tensors(
      const std::vector<Value>& elements) const {
    auto owners = of_arguments();
    if (elements.size() > owners.size()) {
      const bool none_behind =
          std::all_of(elements.begin() + static_cast<std::ptrdiff_t>(owners.size()), elements.end(),
                      [](const Value& value) { return value.is_none(); });
      owners.resize(elements.size());
      return none_behind ? std::optional(owners) : std::nullopt;
    }
    if (elements.size() != 1) return std::nullopt;
    owners.assign(
        1, targets_.tensors.empty() ? std::nullopt : std::optional(targets_.tensors.front()));
    return owners;
  }

  const GradientNames& said_;
  const GradientTargets& targets_;
  NamedTensors gradients_;
};

}  // namespace

NamedTensors bound_gradients(const Value& result, const GradientNames& said,
                             const GradientTargets& targets) {
  return GradientBinder(said, targets).bind(result);
}

}  // namespace gradient_check
