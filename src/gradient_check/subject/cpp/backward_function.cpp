#include "gradient_check/subject/cpp/backward_function.h"

#include <fmt/format.h>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

NamedTensors BackwardFunction::operator()(const NamedTensors& tensors, const Outputs& outputs,
                                          const at::Tensor& grad_output) const {
  const std::vector<at::Tensor> cotangents = outputs.cut(grad_output);
  if (of_several_) return of_several_(tensors, cotangents);
  if (cotangents.size() == 1) return of_one_(tensors, cotangents[0]);
  throw SubjectError(
      std::nullopt,
      fmt::format("the forward returns {} outputs that can be differentiated, and the backward "
                  "takes the cotangent of one: let it take const std::vector<at::Tensor>& "
                  "grad_outputs",
                  cotangents.size()));
}

}  // namespace gradient_check
