#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/gradient/detached_values.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/gradient/extrapolation.h"
#include "gradient_check/gradient/line.h"
#include "gradient_check/gradient/replay/element_replay.h"
#include "gradient_check/gradient/replay/forward_tape.h"
#include "gradient_check/gradient/replay/line_replay.h"

namespace gradient_check {

/// How a forward must be evaluated for its answers to be comparable.
struct EvaluationManner {
  bool reseed = false;    ///< it draws random numbers: seed before each evaluation
  bool copy = false;      ///< it changes its inputs: evaluate on copies
  bool detaches = false;  ///< it detaches what a gradient would flow through: hold that
  std::uint64_t seed = 0;
  double unit = 0x1p-52;  ///< ε of the narrowest dtype it computes in
};

/// What has been seen of f at the point.
struct SeenAtPoint {
  double value = 0;
  double magnitude = 0;    ///< Σ|forward · grad_output|
  double sensitivity = 0;  ///< to rounding (see rounding_sensitivity)
};

/// Value and magnitude of f where the forward gives that output.
SeenAtPoint seen_in(const at::Tensor& output, const at::Tensor& grad_output);

/// The scalar under test, f = Σ forward(values) · grad_output, in float64, as a function of one
/// element at a time. What the forward detaches is held at its value at the point, as autograd
/// holds it: f is NaN where it detaches something else than there. Requires an EvaluationScope of
/// float64 around it.
class Objective {
 public:
  /// `values` in float64, contiguous; never written to. `variables` names those that may
  /// be moved: others may have a domain that a perturbation would leave (a target in [0, 1]).
  Objective(const Subject& subject, NamedTensors values, std::vector<std::string> variables,
            at::Tensor grad_output, EvaluationManner manner,
            std::optional<SeenAtPoint> seen = std::nullopt);

  double operator()();
  /// f at the point itself.
  double here() { return at_point().value; }
  /// f with element `index` of tensor `name` set to `element`; restores it. NaN where the forward
  /// refuses that value, which lies outside its domain.
  double at(const std::string& name, std::int64_t index, double element);
  /// The same number sooner, from the recorded forward where that is sure to give it: for ladders.
  double replayed_at(const std::string& name, std::int64_t index, double element);
  /// f with tensors replaced. NaN as above.
  double at(const NamedTensors& replacements);
  /// f at t on a line through the values. NaN as above.
  double along(const Line& line, double t);

  /// What is held of what the forward detaches; null where nothing is, or where the forward does
  /// not give its value with it.
  const DetachedValues* held();
  /// The same function with other values held; null: none.
  Objective holding(std::shared_ptr<const DetachedValues> held) const;

  double element(const std::string& name, std::int64_t index) const;
  const at::Tensor& value(const std::string& name) const { return values_[name]; }
  const at::Tensor& grad_output() const { return grad_output_; }
  /// Root mean square of the tensor's elements; 0 where it is empty.
  double root_mean_square(const std::string& name) const;
  /// The forward as it was recorded at the point; null where it cannot be replayed. Each worker
  /// has a recording of its own: threads that count references to the same tensors wait for one
  /// another.
  const ForwardTape* tape(std::size_t worker = 0);

  /// Standard deviation of f's rounding: the largest of ε Σ|forward · grad_output|, of what
  /// difference tables of closely spaced values show (Moré and Wild, "Estimating computational
  /// noise", SIAM J. Sci. Comput. 33, 2011), and of what the rounding of the intermediate values
  /// comes to (see rounding_sensitivity). Unit: that of f.
  double noise();
  /// Whether the forward computes in a narrower dtype: then it is a staircase, and meant not to be.
  bool narrowed() const { return manner_.unit > 0x1p-52; }
  /// f here, and its rounding: at least that of terms of size 1, which an operator may add inside.
  Origin origin();
  /// The same without the difference tables, for steps so large that rounding is a small part.
  double rounding();

 private:
  at::Tensor output() { return output(held()); }
  at::Tensor output(const DetachedValues* held);
  const SeenAtPoint& at_point();
  double* writable(const std::string& name);
  Line noise_line() const;
  double table_noise(const Line& line, double first);
  double on_copies(const Line& line, double t);
  bool can_replay(const Line& line, double t);
  std::optional<ElementReplay> element_replay(const std::string& name);

  const Subject& subject_;
  NamedTensors values_;
  std::set<std::string> own_;  ///< the values that are copies
  std::vector<std::string> variables_;
  at::Tensor grad_output_;
  EvaluationManner manner_;
  std::optional<SeenAtPoint> seen_;
  std::optional<std::shared_ptr<const DetachedValues>> held_;  ///< once it is known
  double noise_ = -1;
  mutable std::map<std::string, double> root_mean_squares_;
  std::vector<std::shared_ptr<const ForwardTape>> tapes_;
  std::optional<LineReplay> line_replay_;
  std::optional<bool> replays_lines_;
  std::map<std::string, std::optional<ElementReplay>> element_replays_;  ///< once it is known
};

}  // namespace gradient_check
