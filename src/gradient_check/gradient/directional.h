#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/gradient/finite_difference.h"

namespace gradient_check {

/// A Gaussian direction: draw number `draw`, of all tensors or of one, and of that one perhaps a
/// run of elements only.
struct Direction {
  std::uint64_t draw = 0;
  std::optional<std::string> tensor;
  std::int64_t first = 0;
  std::int64_t count = -1;  ///< -1: to the last element
};

/// The derivative along a direction: as the gradient gives it, and as f itself does.
struct DirectionalDerivative {
  double expected = 0;  ///< gradient · direction
  Slope measured;
  double gap() const { return expected - measured.value; }
};

/// Derivatives of an objective along directions u·c, u standard normal, c a scale for each tensor,
/// so that each tensor's share of the derivative is alike: c = 1 / max(‖gradient‖, 1e-4 · the
/// largest of them). A tensor with a small gradient cannot hide behind one with a large one.
class DirectionalDerivatives {
 public:
  /// `gradients`: float64, of the tensors that are moved, with their names.
  DirectionalDerivatives(Objective& objective, const NamedTensors& gradients, std::uint64_t seed);

  /// In units of 1: an error of a tensor's gradient that is as long as the gradient itself shows as
  /// a normal number of standard deviation 1.
  DirectionalDerivative along(const Direction& direction);

  /// ‖gradient‖ of a tensor, or what stands for it where that is next to 0.
  double norm(const std::string& name) const { return norms_.at(name); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  Slope slope_along(const Line& line);
  LineStep draw(const std::string& name, const Direction& direction) const;

  Objective& objective_;
  const NamedTensors& gradients_;
  std::uint64_t seed_;
  std::vector<std::string> names_;
  std::map<std::string, double> norms_;
  double unit_ = 1;  ///< moved by unit_ · u · c, no tensor moves by more than its own size
  // Kinks, of which a large network has many thousands, lie some way apart on a line: a step
  // shorter than the way to the first of them knows nothing of them. What one direction has found
  // out the others begin with.
  bool kinked_ = false;
  double step_ = 0;   ///< that the last direction came to; 0 before the first
  double error_ = 0;  ///< of the first direction's derivative, in units of f
};

}  // namespace gradient_check
