#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/case/option_spec.h"

namespace gradient_check {

using Tensors = std::vector<at::Tensor>;

/// Thrown by a layer or loss that cannot take the input or options it is given. The message states
/// what was found and what is expected, in lower case, without the layer's name.
class LayerError : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// What a layer's backward returns. `input` is undefined where the input takes no gradient
/// (embedding indices).
struct LayerGradients {
  at::Tensor input;
  Tensors parameters;  ///< in the order of Layer::initial_parameters
};

/// A layer with a hand-written backward. Once made it does not change: what backward needs of
/// forward goes through `saved`, in an order that is the layer's own. Every function works in the
/// dtype of its input; forward and backward run with autograd disabled and may not change their
/// arguments.
class Layer {
 public:
  virtual ~Layer() = default;

  /// Names and values as torch.nn's module of this kind draws them, in its order.
  virtual NamedTensors initial_parameters() const { return {}; }
  /// Told once, before any evaluation, the values that the case gives to the parameters, for a
  /// layer that holds a part of them constant.
  virtual void adopt(const Tensors& /*parameters*/) {}
  /// The hand-written forward.
  virtual at::Tensor forward(const at::Tensor& input, const Tensors& parameters,
                             Tensors& saved) const = 0;
  /// The hand-written backward: `grad_output` has the shape of forward's output.
  virtual LayerGradients backward(const at::Tensor& grad_output, const Tensors& parameters,
                                  const Tensors& saved) const = 0;
  /// The same function made of LibTorch's own operators, differentiable by autograd.
  virtual at::Tensor reference(const at::Tensor& input, const Tensors& parameters) const = 0;
};

/// A row of the table of layers.
struct LayerType {
  std::string name;
  std::vector<OptionSpec> options;
  /// Makes the layer for inputs like `input` (shape and dtype); draws masks and parameters from
  /// LibTorch's default generator. Throws LayerError.
  std::unique_ptr<Layer> (*make)(const Options& options, const at::Tensor& input);
};

/// A loss with a hand-written backward; the contract is that of Layer. Targets take no gradient.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual at::Tensor forward(const at::Tensor& input, const at::Tensor& target,
                             Tensors& saved) const = 0;
  /// ∂/∂input of the loss, times `grad_output` (a scalar, or the loss's shape for reduction none).
  virtual at::Tensor backward(const at::Tensor& grad_output, const Tensors& saved) const = 0;
  virtual at::Tensor reference(const at::Tensor& input, const at::Tensor& target) const = 0;
};

/// A row of the table of losses.
struct LossType {
  std::string name;
  std::vector<OptionSpec> options;
  /// Throws LayerError.
  std::unique_ptr<Loss> (*make)(const Options& options, const at::Tensor& input,
                                const at::Tensor& target);
};

/// All layers and losses, in the order of the documentation.
const std::vector<const LayerType*>& layer_types();
const std::vector<const LossType*>& loss_types();

}  // namespace gradient_check
