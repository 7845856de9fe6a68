#include "gradient_check/subject/program/entries/handed_on.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/subject/program/entries/gradient_name.h"

namespace gradient_check {
namespace {

using python::Value;

bool says_cache(const std::string& argument) {
  constexpr std::array words{"cache", "saved", "ctx", "context", "memo", "tape", "state", "stored"};
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return argument.find(word) != std::string::npos; });
}

bool is_scalar(const Value& result) {
  const at::Tensor output = EvaluatedProgram::tensor_in(result);
  return output.defined() && output.numel() == 1;
}

std::size_t place_in(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

HandedOn::HandedOn(const CallArguments& arguments, const NamedTensors& given,
                   const std::vector<std::string>& returned, const Value& result) {
  const auto* tuple = result.get_if<python::Tuple>();
  several_ = tuple != nullptr;
  total_ = several_ ? tuple->elements.size() : 1;
  if (total_ == 0) throw std::invalid_argument("an empty tuple");
  std::vector<std::string> caches;
  const auto given_names = arguments.tensors(given);
  for (const std::string& name : arguments.names()) {
    if (arguments.is_set(name) || is_learning_rate(name) ||
        std::find(given_names.begin(), given_names.end(), name) != given_names.end())
      continue;
    // backward(self, dout=1) of a loss is called without it.
    if (!arguments.needs(name) && is_scalar(result)) continue;
    const bool handed_by_name = place_in(returned, name) < total_ && place_in(returned, name) > 0;
    const bool first = cotangents_.empty() && caches.empty() && arguments.needs(name);
    if (!handed_by_name && !says_cache(name) && cotangents_.size() < total_ &&
        (says_cotangent(name) || first))
      cotangents_.push_back(name);
    else if (arguments.needs(name) || handed_by_name)
      caches.push_back(name);
  }
  outputs_ = std::max<std::size_t>(1, cotangents_.size());
  if (caches.empty() && cotangents_.size() <= 1 && several_) outputs_ = total_;
  if (outputs_ > total_)
    throw std::invalid_argument(fmt::format("{} value{} for {} cotangents", total_,
                                            total_ == 1 ? "" : "s", cotangents_.size()));
  find_caches(caches, returned);
}

void HandedOn::find_caches(const std::vector<std::string>& names,
                           const std::vector<std::string>& returned) {
  const std::size_t rest = total_ - outputs_;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t named = place_in(returned, names[i]);
    if (named < total_ && several_)
      caches_.emplace_back(names[i], named);
    else if (rest == names.size())
      caches_.emplace_back(names[i], outputs_ + i);
    else if (names.size() == 1 && rest > 1)
      caches_.emplace_back(names[i], total_);
    else if (rest == 0 && names.size() == 1)
      caches_.emplace_back(names[i], 0);  // the output itself
    else
      throw std::invalid_argument(
          fmt::format("{} value{} beside the output{}, for the arguments {} of the backward", rest,
                      rest == 1 ? "" : "s", outputs_ == 1 ? "" : "s", fmt::join(names, ", ")));
  }
}

std::vector<Value> HandedOn::outputs(const Value& result) const {
  const auto* tuple = result.get_if<python::Tuple>();
  if (!several_) return {result};
  if (!tuple || tuple->elements.size() != total_)
    throw std::invalid_argument(EvaluatedProgram::type_of(result));
  return {tuple->elements.begin(), tuple->elements.begin() + static_cast<std::ptrdiff_t>(outputs_)};
}

ValuesByName HandedOn::caches(const Value& result) const {
  ValuesByName values;
  const auto* tuple = result.get_if<python::Tuple>();
  for (const auto& [name, index] : caches_) {
    if (!tuple || !several_)
      values[name] = result;
    else if (index < total_)
      values[name] = tuple->elements.at(index);
    else
      values[name] = python::make<python::Tuple>(std::vector<Value>(
          tuple->elements.begin() + static_cast<std::ptrdiff_t>(outputs_), tuple->elements.end()));
  }
  return values;
}

}  // namespace gradient_check
