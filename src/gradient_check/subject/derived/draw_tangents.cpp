#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>

#include "gradient_check/subject/derived/derived_subject.h"

namespace gradient_check {

NamedTensors draw_tangents(const Subject& subject, const std::string& function,
                           std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed ^ 0xd1b54a32d192ed03U);
  NamedTensors tangents;
  const auto add = [&](const NamedTensors& tensors) {
    for (const auto& [name, tensor] : tensors) {
      if (!tensor.is_floating_point()) continue;
      const at::Tensor drawn = at::randn(tensor.sizes(), generator, at::TensorOptions(at::kDouble))
                                   .to(tensor.scalar_type())
                                   .to(at::kDouble);
      tangents.set(name, subject.takes_tangent(function, name) ? drawn : at::zeros_like(drawn));
    }
  };
  add(subject.inputs());
  add(subject.parameters());
  return tangents;
}

}  // namespace gradient_check
