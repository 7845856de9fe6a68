#include <algorithm>

#include "gradient_check/gradient/replay/rules.h"

namespace gradient_check {
namespace {

/// The part of a broadcast result of shape `sizes` that a box of an operand moves.
Box spread(const Box& box, const at::Tensor& operand, at::IntArrayRef sizes) {
  Box spread{at::DimVector(sizes.size(), 0), at::DimVector(sizes)};
  const std::size_t lead = sizes.size() - box.start.size();
  for (std::size_t d = 0; d < box.start.size(); ++d) {
    if (operand.size(static_cast<std::int64_t>(d)) != sizes[lead + d]) continue;
    spread.start[lead + d] = box.start[d];
    spread.sizes[lead + d] = box.sizes[d];
  }
  return spread;
}

/// The part of an operand that a box of the broadcast result needs.
Box gathered(const Box& box, const at::Tensor& operand) {
  const auto dims = static_cast<std::size_t>(operand.dim());
  const std::size_t lead = box.start.size() - dims;
  Box part{at::DimVector(dims, 0), at::DimVector(operand.sizes())};
  for (std::size_t d = 0; d < dims; ++d) {
    if (part.sizes[d] == 1) continue;
    part.start[d] = box.start[lead + d];
    part.sizes[d] = box.sizes[lead + d];
  }
  return part;
}

}  // namespace

std::optional<Patch> replay_pointwise(const ReplayedCall& call) {
  if (call.call().outputs.size() != 1) return std::nullopt;
  const at::Tensor& result = call.result();
  std::optional<Box> moved;
  for (const TensorSlot& slot : call.slots()) {
    if (slot.element >= 0 || call.recorded(slot).dim() > result.dim()) return std::nullopt;
    if (!call.patch(slot).changed()) continue;
    const Box part = spread(call.patch(slot).box(), call.recorded(slot), result.sizes());
    moved = moved ? hull(*moved, part) : part;
  }
  if (!moved || covers(*moved, result)) return std::nullopt;
  torch::jit::Stack arguments = call.call().arguments;
  for (const TensorSlot& slot : call.slots()) {
    const at::Tensor& operand = call.recorded(slot);
    if (operand.dim() == 0 && !call.patch(slot).changed()) continue;
    arguments[slot.position] = values_within(call.patch(slot), operand, gathered(*moved, operand));
  }
  return Patch{call.run(std::move(arguments)), moved->start, {}};
}

}  // namespace gradient_check
