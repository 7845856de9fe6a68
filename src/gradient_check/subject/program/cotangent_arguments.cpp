#include "gradient_check/subject/program/cotangent_arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

namespace gradient_check {
namespace {

/// "2 outputs that can be differentiated (y, output 1)".
std::string outputs_text(const ProgramOutputs& outputs) {
  std::vector<std::string> names;
  for (const std::size_t position : outputs.outputs().positions())
    names.push_back(outputs.names().at(position));
  return fmt::format("{} output{} that can be differentiated ({})", names.size(),
                     names.size() == 1 ? "" : "s", fmt::join(names, ", "));
}

/// Arguments that would do: "grad_y, grad_output_1".
std::string arguments_text(const ProgramOutputs& outputs) {
  if (outputs.outputs().count() == 1) return "grad_output";
  std::vector<std::string> names;
  for (const std::size_t position : outputs.outputs().positions()) {
    const std::string& name = outputs.names().at(position);
    names.push_back(name.find(' ') == std::string::npos ? "grad_" + name
                                                        : fmt::format("grad_output_{}", position));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string too_few_or_many(const std::string& function, const std::vector<std::string>& names,
                            std::size_t count, const ProgramOutputs& outputs) {
  const std::string taken = names.empty()
                                ? "no cotangent"
                                : fmt::format("{} cotangent{} ({})", count, count == 1 ? "" : "s",
                                              fmt::join(names, ", "));
  return fmt::format(
      "forward returns {}, and {} takes {}: give {} an argument for the cotangent of "
      "each, in their order ({}), or return fewer",
      outputs_text(outputs), function, taken, function, arguments_text(outputs));
}

}  // namespace

CotangentArguments::CotangentArguments(const CompiledFunction& function,
                                       const std::string& function_name,
                                       std::vector<std::string> names,
                                       const ProgramOutputs& outputs)
    : names_(std::move(names)), several_(outputs.several()), outputs_(outputs.outputs()) {
  count_ = names_.size();
  for (const std::string& name : names_) {
    const c10::TypePtr type = function.type_of(name);
    const auto tuple = type->cast<c10::TupleType>();
    if (!tuple && type->kind() != c10::TypeKind::ListType) continue;
    if (names_.size() > 1)
      throw std::invalid_argument(fmt::format(
          "argument '{}' of {} is declared {}: it takes the cotangents of all outputs, "
          "and '{}' is one argument too many",
          name, function_name, type->annotation_str(), names_[names_[0] == name ? 1 : 0]));
    form_ = tuple ? Form::tuple : Form::list;
    count_ = tuple ? tuple->elements().size() : several_ ? outputs_.count() : 1;
  }
  if (several_ && !outputs_.can_have(count_))
    throw std::invalid_argument(too_few_or_many(function_name, names_, count_, outputs));
  if (!several_ && count_ > 1)
    throw std::invalid_argument(
        fmt::format("arguments {} of {} are neither inputs nor parameters: forward returns one "
                    "output, which has one cotangent",
                    fmt::join(names_, ", "), function_name));
}

std::map<std::string, c10::IValue> CotangentArguments::bound(const at::Tensor& grad_output) const {
  std::map<std::string, c10::IValue> values;
  if (names_.empty()) return values;
  std::vector<at::Tensor> cotangents{grad_output};
  if (several_) cotangents = outputs_.cotangents(grad_output, count_);
  if (form_ == Form::list) {
    values[names_[0]] = cotangents;
  } else if (form_ == Form::tuple) {
    values[names_[0]] =
        c10::ivalue::Tuple::create(std::vector<c10::IValue>(cotangents.begin(), cotangents.end()));
  } else {
    for (std::size_t i = 0; i < names_.size(); ++i) values[names_[i]] = cotangents[i];
  }
  return values;
}

}  // namespace gradient_check
