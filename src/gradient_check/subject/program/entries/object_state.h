#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "gradient_check/python/runtime/interpreter.h"

namespace gradient_check {

/// One step of the way from an object to something that it holds.
struct StateStep {
  python::Value container;  ///< an instance, a list or a dictionary
  std::string key;          ///< the attribute's name, or a dictionary's key
  std::size_t index = 0;    ///< of a list's element, or of a dictionary's entry
};

/// A floating tensor or array that an object of the program holds.
struct StateTensor {
  std::string name;  ///< as written: W, layers.0.W, params["W1"]
  std::vector<StateStep> path;
  at::Tensor tensor;

  const StateStep& last() const { return path.back(); }
  /// Puts another tensor in its place; an array keeps its identity.
  void put(const at::Tensor& replacement, bool as_array) const;
};

/// All that is reached through attributes, lists, tuples and dictionaries, in order; one that is
/// reached on several ways is there for each.
std::vector<StateTensor> state_of(const python::Value& object);

/// What an instance, list or dictionary holds, by name; empty for other values.
std::vector<std::pair<StateStep, python::Value>> members_of(const python::Value& container);

/// The gradient that an object holds for a tensor of its state, by every usual convention: dW,
/// grad_W, W_grad beside W, grads["W"], a list of gradients beside a list of parameters, W.grad.
/// Undefined if there is none.
at::Tensor left_gradient(python::Interpreter& interpreter, const StateTensor& tensor);

}  // namespace gradient_check
