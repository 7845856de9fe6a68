#pragma once

#include <memory>
#include <vector>

#include "gradient_check/gradient/replay/forward_tape.h"

namespace gradient_check {

/// Whether a replayed f is the evaluated one but for `allowed`, its rounding; NaN is where NaN is.
bool same_value(double replayed, double evaluated, double allowed);

/// The scalar under test, f = Σ forward · grad_output, as a function of one recorded tensor: only
/// what depends on it is evaluated, and of that only the boxes that change (one column of a product
/// where one entry of its right factor does). Values are float64. One thread may use it at a time;
/// each thread makes its own from the same tape.
class Replay {
 public:
  /// `tape` outlives this; `grad_output` has the shape of its output.
  Replay(const ForwardTape& tape, const std::string& name, at::Tensor grad_output);

  /// Whether f follows from the tensor through operations that can be repeated.
  bool possible() const { return possible_; }
  /// Whether f depends on the tensor at all.
  bool depends() const { return depends_; }
  double here() const { return here_; }

  /// f with the element at that flat index replaced; NaN where an operation refuses it.
  double at(std::int64_t index, double element);
  /// f with the whole tensor replaced.
  double at(const at::Tensor& value);

 private:
  double run();
  void apply(const RecordedCall& call);
  void run_whole(const RecordedCall& call);
  double total() const;

  const ForwardTape& tape_;
  at::Tensor grad_output_;
  std::size_t moved_;                       ///< the tensor that is perturbed
  std::vector<const RecordedCall*> later_;  ///< the calls that depend on it
  std::vector<Patch> patches_;              ///< by value
  at::Tensor workspace_, element_;
  double here_ = 0;
  bool possible_ = true, depends_ = false;
};

}  // namespace gradient_check
