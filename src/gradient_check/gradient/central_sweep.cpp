#include "gradient_check/gradient/central_sweep.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/gradient/parallel.h"
#include "gradient_check/gradient/replay/replay.h"
#include "gradient_check/gradient/thread_count.h"

namespace gradient_check {
namespace {

/// Holds a replay against the forward at the elements and along the whole tensor: a dependence
/// that no tensor shows (numbers read out of memory) is found here.
bool is_faithful(Replay& replay, Objective& objective, const std::string& name,
                 const std::vector<std::int64_t>& indices) {
  if (!replay.possible()) return false;
  const double allowed = 100 * objective.noise() + 1e-12 * std::abs(objective.here());
  const at::Tensor moved = objective.value(name) * (1 + 1e-3);
  if (!same_value(replay.at(moved), objective.at({{name, moved}}), allowed)) return false;
  for (const std::int64_t index : {indices.front(), indices[indices.size() / 2], indices.back()}) {
    const double element = objective.element(name, index);
    const double other = element + 0.01 * (std::abs(element) + 1e-3);
    if (!same_value(replay.at(index, other), objective.at(name, index, other), allowed))
      return false;
  }
  return true;
}

}  // namespace

std::vector<CentralDifference> central_differences(Objective& objective, const std::string& name,
                                                   const std::vector<std::int64_t>& indices) {
  std::vector<CentralDifference> differences(indices.size());
  if (indices.empty()) return differences;
  const ForwardTape* const tape = indices.size() < 4 ? nullptr : objective.tape();
  std::vector<Replay> replays;
  if (tape) replays.emplace_back(*tape, name, objective.grad_output());
  if (!tape || !is_faithful(replays[0], objective, name, indices)) {
    for (std::size_t i = 0; i < indices.size(); ++i)
      differences[i] = central_difference(objective, name, indices[i]);
    return differences;
  }
  for (std::size_t k = 1; k < thread_count(); ++k)
    replays.emplace_back(*objective.tape(k), name, objective.grad_output().clone());
  const StepRule rule = step_rule(objective, name);
  const double here = replays[0].here();
  parallel_items(
      static_cast<std::int64_t>(indices.size()), 16, [&](std::size_t worker, std::int64_t item) {
        const auto i = static_cast<std::size_t>(item);
        const auto f = [&](double element) { return replays[worker].at(indices[i], element); };
        differences[i] = central_difference(f, here, rule, objective.element(name, indices[i]));
      });
  return differences;
}

}  // namespace gradient_check
