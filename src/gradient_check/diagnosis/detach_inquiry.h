#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/comparison/compare.h"
#include "gradient_check/diagnosis/detachment.h"
#include "gradient_check/gradient/directional.h"
#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// A comparison in which differences with detached values moving take part, and their objective.
struct MovingComparison {
  TensorComparison tensor;
  Objective objective;
};

/// Asks whether what a forward detaches was meant to be detached: holds differences in which it
/// moves against those in which it is held, and against the manual gradients.
class DetachInquiry {
 public:
  /// Both outlive this; `held` holds something.
  DetachInquiry(const Evaluations& evaluations, Objective& held);

  /// `tensor`, whose manual gradient is neither autograd's nor that of the held differences:
  /// compared again with detached values moving, where that confirms the manual gradient. Those of
  /// one place are tried before those of all.
  std::optional<MovingComparison> confirming_manual(const TensorComparison& tensor,
                                                    ComparisonTools tools);
  /// All that was found, with what the detachments do to the differences.
  DetachFacts facts();

 private:
  using Places = std::vector<std::size_t>;

  Objective moving(const Places& places) const;
  std::vector<Places> choices() const;
  std::set<std::size_t> calls_at(const Places& places) const;
  Places moving_places(const NamedTensors& gradients, std::size_t draws);
  bool moves(const Places& places, const NamedTensors& gradients, std::size_t draws);
  bool may_confirm(Objective& objective, const TensorComparison& tensor) const;
  bool gives_manual_undetached(const Places& places, const TensorComparison& tensor) const;
  bool feeds_alone(std::size_t place, const std::string& name) const;

  const Evaluations& evaluations_;
  Objective& held_;
  DetachFacts facts_;
};

}  // namespace gradient_check
