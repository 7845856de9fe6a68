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

CotangentArguments::CotangentArguments(const std::string& function,
                                       const std::vector<Argument>& arguments,
                                       const ProgramOutputs& outputs)
    : several_(outputs.several()), count_(arguments.size()), outputs_(outputs.outputs()) {
  for (const Argument& argument : arguments) names_.push_back(argument.name);
  for (const Argument& argument : arguments) {
    if (argument.form == Form::each) continue;
    if (names_.size() > 1)
      throw std::invalid_argument(fmt::format(
          "argument '{}' of {} is declared {}: it takes the cotangents of all outputs, "
          "and '{}' is one argument too many",
          argument.name, function, argument.declared, names_[names_[0] == argument.name ? 1 : 0]));
    form_ = argument.form;
    count_ = form_ == Form::tuple ? argument.size : several_ ? outputs_.count() : 1;
  }
  if (several_ && !outputs_.can_have(count_))
    throw std::invalid_argument(too_few_or_many(function, names_, count_, outputs));
  if (!several_ && count_ > 1)
    throw std::invalid_argument(
        fmt::format("arguments {} of {} are neither inputs nor parameters: forward returns one "
                    "output, which has one cotangent",
                    fmt::join(names_, ", "), function));
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
