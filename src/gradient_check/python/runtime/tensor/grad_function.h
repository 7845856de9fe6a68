#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/autograd/function.h>

#include <type_traits>
#include <utility>

#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {

/// What made a tensor, for programs that look: tensor.grad_fn.
struct GradFunction : Opaque {
  /// A shared pointer, later LibTorch's own.
  using NodePointer = std::decay_t<decltype(std::declval<const at::Tensor&>().grad_fn())>;

  explicit GradFunction(NodePointer its_node) : node(std::move(its_node)) {}
  const char* type_name() const override { return "Node"; }
  std::string repr() const override { return "<" + node->name() + " object>"; }
  Value attribute(Interpreter&, const Text& name) override;
  bool equals(const Value& other) const override {
    const auto* opaque = other.get_if<Opaque>();
    const auto* function = dynamic_cast<const GradFunction*>(opaque);
    return function && function->node == node;
  }
  const NodePointer node;
};

}  // namespace gradient_check::python
