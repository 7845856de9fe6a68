#include "gradient_check/gradient/replay/rules.h"

namespace gradient_check {
namespace {

/// Runs the operation on the changed part of its first argument, widened to all of dimensions
/// `first` to the last or, where `alone`, of `first` only.
std::optional<Patch> run_widened(const ReplayedCall& call, std::int64_t first, bool alone) {
  if (!call.only_changed(0) || call.call().outputs.size() != 1) return std::nullopt;
  const at::Tensor& input = call.recorded(0);
  Box box = call.patch(0).box();
  for (std::int64_t d = first; d < (alone ? first + 1 : input.dim()); ++d) {
    box.start[static_cast<std::size_t>(d)] = 0;
    box.sizes[static_cast<std::size_t>(d)] = input.size(d);
  }
  if (covers(box, input)) return std::nullopt;
  torch::jit::Stack arguments = call.call().arguments;
  arguments[0] = values_within(call.patch(0), input, box);
  return Patch{call.run(std::move(arguments)), box.start, {}};
}

}  // namespace

std::optional<Patch> replay_softmax(const ReplayedCall& call) {
  const std::int64_t dims = call.result().dim();
  if (dims == 0 || !call.argument(1).isInt()) return std::nullopt;
  const std::int64_t dim = call.argument(1).toInt();
  return run_widened(call, dim < 0 ? dim + dims : dim, true);
}

std::optional<Patch> replay_layer_norm(const ReplayedCall& call) {
  const auto normalized = static_cast<std::int64_t>(call.argument(1).toListRef().size());
  return run_widened(call, call.result().dim() - normalized, false);
}

}  // namespace gradient_check
