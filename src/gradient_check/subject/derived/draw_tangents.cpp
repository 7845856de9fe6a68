#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/randn.h>

#include "gradient_check/subject/derived/derived_subject.h"

namespace gradient_check {

NamedTensors draw_tangents(const Subject& subject, std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed ^ 0xd1b54a32d192ed03U);
  NamedTensors tangents;
  const auto add = [&](const NamedTensors& tensors) {
    for (const auto& [name, tensor] : tensors)
      if (tensor.is_floating_point())
        tangents.set(name, at::randn(tensor.sizes(), generator, at::TensorOptions(at::kDouble))
                               .to(tensor.scalar_type())
                               .to(at::kDouble));
  };
  add(subject.inputs());
  add(subject.parameters());
  return tangents;
}

}  // namespace gradient_check
