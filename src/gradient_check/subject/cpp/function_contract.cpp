#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/functions/basic_ops.h>

#include <algorithm>
#include <regex>

#include "gradient_check/subject/cpp/autograd_function_subject.h"
#include "gradient_check/subject/cpp/autograd_node.h"
#include "gradient_check/subject/cpp/function_call.h"

namespace gradient_check {
namespace {

using Tensors = std::vector<at::Tensor>;

/// What the gradient of an output is when it reaches the backward.
enum class Arrives { ones, zeros, undefined };

/// The same tensor, whose gradient arrives undefined.
at::Tensor without_gradient(const at::Tensor& output) {
  const auto node = make_node<torch::autograd::UndefinedGrad>();
  return (*node)({output})[0];
}

/// Runs forward and backward on copies.
class Backward {
 public:
  explicit Backward(const AutogradFunction& function) : function_(function) {
    for (const auto& [name, tensor] : function.tensors)
      if (tensor.requires_grad()) wanted_.push_back(name);
  }

  /// `arriving` for each differentiable output; ones where it is shorter.
  Tensors operator()(const std::vector<Arrives>& arriving) {
    const at::AutoGradMode enabled(true);
    const FunctionCall call(function_.apply, function_.tensors, wanted_);
    Tensors outputs = call.differentiable_outputs(), cotangents;
    count_ = outputs.size();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Arrives arrives = i < arriving.size() ? arriving[i] : Arrives::ones;
      if (arrives == Arrives::undefined) outputs[i] = without_gradient(outputs[i]);
      cotangents.push_back(arrives == Arrives::zeros ? at::zeros_like(outputs[i])
                                                     : at::ones_like(outputs[i]));
    }
    return call.gradients(outputs, cotangents);
  }
  /// Differentiable outputs, as of the last run.
  std::size_t count() const { return count_; }

 private:
  const AutogradFunction& function_;
  std::vector<std::string> wanted_;
  std::size_t count_ = 0;
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
    const std::string name =
        index < function.variables.size() ? function.variables[index] : "an argument";
    return BrokenContract{BrokenContract::Kind::gradient_shape,
                          fmt::format("the gradient of {} has shape {}; {} has shape {}", name,
                                      found.str(2), name, found.str(3)),
                          name};
  }
  return std::nullopt;
}

/// Whether two gradients are one where both are finite: an undefined one is zeros. What is not
/// finite is not this contract's matter.
bool same(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() && !b.defined()) return true;
  const at::Tensor x = a.defined() ? a : at::zeros_like(b), y = b.defined() ? b : at::zeros_like(a);
  const at::Tensor finite = at::isfinite(x).logical_and(at::isfinite(y));
  const at::Tensor gap = (x - y).abs(), size = y.abs();
  return (gap > size * 1e-2).logical_and(finite).logical_not().all().item<bool>();
}
bool same(const Tensors& a, const Tensors& b) {
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](const at::Tensor& x, const at::Tensor& y) { return same(x, y); });
}

std::optional<BrokenContract> undefined_gradient(const AutogradFunction& function,
                                                 Backward& backward) {
  const std::size_t count = backward.count();
  const auto broken = [&](const std::string& which, const std::string& what) {
    return BrokenContract{
        BrokenContract::Kind::undefined_gradient,
        fmt::format(
            "{}::backward {} where the gradient of {} is undefined: nothing depends on that "
            "output then, and its gradient counts as zeros",
            function.name, what, which),
        function.name};
  };
  std::string which = count == 1 ? "its output" : "every output";
  try {
    const std::vector<Arrives> none(count, Arrives::undefined), zeros(count, Arrives::zeros);
    const Tensors nothing = backward(zeros);
    if (!same(nothing, backward(zeros))) return std::nullopt;  // random: nothing can be told
    if (!same(backward(none), nothing)) return broken(which, "returns a gradient that is not zero");
    for (std::size_t i = 0; count > 1 && i < count; ++i) {
      which = fmt::format("output {}", i);
      std::vector<Arrives> without(count, Arrives::ones), with_zeros = without;
      without[i] = Arrives::undefined;
      with_zeros[i] = Arrives::zeros;
      if (!same(backward(without), backward(with_zeros)))
        return broken(which, "does not return what zeros give");
    }
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return broken(which, fmt::format("throws ({})", text.substr(0, text.find('\n'))));
  }
  return std::nullopt;
}

}  // namespace

std::optional<BrokenContract> broken_contract(const AutogradFunction& function) {
  Backward backward(function);
  try {
    backward({});
  } catch (const std::exception& error) {
    return from_engine(function, error.what());
  }
  return undefined_gradient(function, backward);
}

}  // namespace gradient_check
