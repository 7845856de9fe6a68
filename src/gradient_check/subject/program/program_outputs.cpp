#include "gradient_check/subject/program/program_outputs.h"

#include <fmt/format.h>

#include "gradient_check/subject/subject.h"

namespace gradient_check {
ProgramOutputs::ProgramOutputs(
    const std::function<std::vector<at::Tensor>(const NamedTensors&)>& forward,
    const NamedTensors& tensors, std::vector<std::string> names)
    : several_(true), outputs_(Outputs::learned(forward, tensors)), names_(std::move(names)) {
  if (!outputs_.any())
    throw SubjectError(std::nullopt, "no output of forward can be differentiated");
  for (std::size_t i = names_.size(); i < outputs_.total(); ++i)
    names_.push_back(fmt::format("output {}", i));
}

at::Tensor ProgramOutputs::joined(const std::vector<at::Tensor>& returned) const {
  return several_ ? outputs_.joined(returned) : returned.at(0);
}

}  // namespace gradient_check
