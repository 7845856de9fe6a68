#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/case/train_options.h"
#include "gradient_check/diagnosis/training/batches.h"
#include "gradient_check/diagnosis/training/optimizer.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// What a training run trains.
struct TrainingPoint {
  const Subject& subject;
  at::ScalarType dtype = at::kFloat;
  std::uint64_t seed = 0;  ///< of LibTorch's generator, for a forward that draws
};

/// A training run as it stood before one of its steps.
struct TrainingSnapshot {
  std::int64_t step = 0;
  NamedTensors parameters;
  Optimizer optimizer;
  Batches batches;
  at::Tensor generator;  ///< the state of LibTorch's
};

/// One training run, watched for values that are not finite.
struct TrainingRun {
  std::vector<double> losses;                    ///< before each update; the first is at the start
  std::optional<std::int64_t> first_non_finite;  ///< the step of the first loss, gradient or
                                                 ///< parameter that is not finite
  std::optional<std::int64_t> first_nan;         ///< the first whose loss is nan
  std::string what;        ///< that is not finite there: "the loss", "the gradient of w"
  bool of_update = false;  ///< loss and gradients were finite, the update was not
  std::string next;  ///< what one step more would make not finite, where all is finite; or empty
  bool next_of_update = false;  ///< that step's update, not its evaluation
  bool out_of_time = false;     ///< ended by the time limit, all finite so far
  double seconds = 0;
  std::shared_ptr<const TrainingSnapshot> snapshot;  ///< the last one, some steps before the end

  bool finite() const { return !first_non_finite; }
};

struct RunLimits {
  double seconds = 1e9;
  bool watch = true;        ///< false only to measure what the watching costs
  bool look_ahead = false;  ///< also see whether one step more would be finite
  bool to_nan = false;      ///< go on from an infinite loss to the first nan, where one comes soon
};

/// Trains from the subject's own parameters. Only the loss and the gradients' magnitude are
/// watched. Throws SubjectError where a step cannot be made.
TrainingRun train(const TrainingPoint& point, const TrainOptions& options,
                  const RunLimits& limits = {});

/// Everything as it stands before step `step` of a run: the inputs of that step (a batch of them)
/// and the parameters, by training again from the run's snapshot where that lies before, else from
/// the start.
NamedTensors values_at(const TrainingPoint& point, const TrainOptions& options,
                       const TrainingRun& run, std::int64_t step);

}  // namespace gradient_check
