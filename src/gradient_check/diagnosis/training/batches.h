#pragma once

#include <ATen/core/Generator.h>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/case/train_options.h"

namespace gradient_check {

/// The rows of the inputs that each step is given, as a DataLoader's without dropping the last,
/// shorter batch.
class Batches {
 public:
  /// `inputs`: those whose first dimension is as long as that of the first one with any are cut.
  Batches(const NamedTensors& inputs, const TrainOptions& options);

  /// The inputs of the next step.
  NamedTensors next();
  /// A copy that draws the same rows from here on, and does not share state.
  Batches copy() const;

 private:
  void begin_pass();

  NamedTensors inputs_;
  std::int64_t rows_ = 0, batch_ = 0, at_ = 0;
  bool shuffle_ = false;
  at::Generator generator_;
  at::Tensor order_;
};

}  // namespace gradient_check
