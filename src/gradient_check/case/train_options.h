#pragma once

#include <cstdint>
#include <string>

namespace gradient_check {

/// `train` of a case: the loop that the manual gradients are for. Optimizers are LibTorch's, with
/// its names and defaults.
struct TrainOptions {
  enum class Gradient { manual, autograd };
  enum class Optimizer { sgd, adam, adamw };

  std::int64_t steps = 0;
  double learning_rate = 0.01;
  Gradient gradient = Gradient::manual;
  Optimizer optimizer = Optimizer::sgd;
  double momentum = 0, dampening = 0;  ///< of sgd
  bool nesterov = false;               ///< of sgd
  double weight_decay = 0;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;  ///< of adam and adamw
  std::int64_t batch_size = 0;  ///< rows of the inputs' first dimension; 0 for all of them
  bool shuffle = false;         ///< draw the rows anew for each pass over the data
  std::uint64_t shuffle_seed = 0;
};

}  // namespace gradient_check
