#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/functions/basic_ops.h>

#include <regex>

#include "gradient_check/subject/cpp/autograd_function_subject.h"
#include "gradient_check/subject/cpp/autograd_node.h"

namespace gradient_check {
namespace {

using Tensors = std::vector<at::Tensor>;

/// Runs the backward for the given cotangents, of which an undefined one reaches it as that.
class Backward {
 public:
  explicit Backward(const AutogradFunction& function) : function_(function) {}

  Tensors operator()(const std::vector<bool>& defined) const {
    const at::AutoGradMode enabled(true);
    NamedTensors leaves;
    Tensors inputs;
    for (const auto& [name, tensor] : function_.tensors) {
      at::Tensor leaf = tensor.detach().clone().requires_grad_(tensor.requires_grad());
      leaves.set(name, leaf.requires_grad() ? leaf.view_as(leaf) : leaf);
      if (leaf.requires_grad()) inputs.push_back(leaf);
    }
    Tensors outputs = differentiable(function_.apply(leaves)), cotangents;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (i < defined.size() && !defined[i]) outputs[i] = without_gradient(outputs[i]);
      cotangents.push_back(at::ones_like(outputs[i]));
    }
    return torch::autograd::grad(outputs, inputs, cotangents, false, false, true);
  }

  std::size_t outputs() const {
    const at::AutoGradMode enabled(true);
    return differentiable(function_.apply(function_.tensors)).size();
  }

 private:
  static Tensors differentiable(const Tensors& outputs) {
    Tensors kept;
    for (const at::Tensor& output : outputs)
      if (output.defined() && output.requires_grad()) kept.push_back(output);
    return kept;
  }
  /// The same tensor, whose gradient arrives undefined.
  static at::Tensor without_gradient(const at::Tensor& output) {
    const auto node = make_node<torch::autograd::UndefinedGrad>();
    return (*node)({output})[0];
  }

  const AutogradFunction& function_;
};

/// What LibTorch's engine says of a backward, in our words; nothing where it is another error.
std::optional<BrokenContract> from_engine(const AutogradFunction& function,
                                          const std::string& text) {
  std::smatch found;
  if (std::regex_search(
          text, found,
          std::regex(R"(incorrect number of gradients \(expected (\d+), got (\d+)\))")))
    return BrokenContract{
        BrokenContract::Kind::gradient_count,
        fmt::format("{}::backward returns {} gradients for {} arguments: it returns one for each "
                    "argument of forward, at::Tensor() for those that are no tensors",
                    function.name, found.str(2), found.str(1)),
        function.name};
  if (std::regex_search(text, found,
                        std::regex(R"(gradient different that is defined at position (\d+))")))
    return BrokenContract{
        BrokenContract::Kind::gradient_count,
        fmt::format("{}::backward returns a gradient for argument {}, which is no tensor: return "
                    "at::Tensor() there",
                    function.name, std::stoul(found.str(1)) - 1),
        function.name};
  if (std::regex_search(text, found,
                        std::regex(R"(gradient at index (\d+) - got (\[.*\]) but expected shape )"
                                   R"(compatible with (\[.*\]))"))) {
    const std::size_t index = std::stoul(found.str(1));
    std::string name = fmt::format("argument {}", index);
    std::size_t tensor = 0;
    for (const std::string& each : function.all)
      if (!each.empty() && tensor++ == index) name = each;
    return BrokenContract{BrokenContract::Kind::gradient_shape,
                          fmt::format("the gradient of {} has shape {}; {} has shape {}", name,
                                      found.str(2), name, found.str(3)),
                          name};
  }
  return std::nullopt;
}

bool is_zero(const at::Tensor& gradient) {
  return !gradient.defined() || gradient.eq(0).all().item<bool>();
}

std::optional<BrokenContract> undefined_gradient(const AutogradFunction& function,
                                                 const Backward& backward) {
  const std::size_t count = backward.outputs();
  const auto broken = [&](const std::string& which, const std::string& what) {
    return BrokenContract{
        BrokenContract::Kind::undefined_gradient,
        fmt::format(
            "{}::backward {} where the gradient of {} is undefined: nothing depends on that "
            "output then, and its gradient counts as zeros",
            function.name, what, which),
        function.name};
  };
  try {
    for (const at::Tensor& gradient : backward(std::vector<bool>(count, false)))
      if (!is_zero(gradient))
        return broken(count == 1 ? "its output" : "every output",
                      "returns a gradient that is not zero");
    for (std::size_t i = 0; count > 1 && i < count; ++i) {
      std::vector<bool> defined(count, true);
      defined[i] = false;
      backward(defined);
    }
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return broken("an output", fmt::format("throws ({})", text.substr(0, text.find('\n'))));
  }
  return std::nullopt;
}

}  // namespace

std::optional<BrokenContract> broken_contract(const AutogradFunction& function) {
  const Backward backward(function);
  try {
    backward({});
  } catch (const std::exception& error) {
    return from_engine(function, error.what());
  }
  return undefined_gradient(function, backward);
}

}  // namespace gradient_check
