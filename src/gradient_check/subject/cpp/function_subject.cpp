#include "gradient_check/subject/cpp/function_subject.h"

namespace gradient_check {

FunctionSubject::FunctionSubject(ForwardFunction forward, BackwardFunction backward,
                                 NamedTensors parameters, NamedTensors inputs)
    : forward_(std::move(forward)),
      backward_(std::move(backward)),
      parameters_(std::move(parameters)),
      inputs_(std::move(inputs)) {
  if (!forward_.several()) return;
  NamedTensors point = inputs_;
  for (const auto& [name, tensor] : parameters_) point.set(name, tensor);
  outputs_ = Outputs::learned([&](const NamedTensors& values) { return forward_(values); }, point);
  if (!outputs_.any())
    throw SubjectError(std::nullopt, "no output of the forward can be differentiated");
}

at::Tensor FunctionSubject::forward(const NamedTensors& values) const {
  const std::vector<at::Tensor> outputs = forward_(values);
  return forward_.several() ? outputs_.joined(outputs) : outputs.at(0);
}

}  // namespace gradient_check
