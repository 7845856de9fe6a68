#pragma once

#include <torch/csrc/autograd/function.h>

#include <memory>

#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {

/// What made a tensor, for programs that look: tensor.grad_fn.
struct GradFunction : Opaque {
  explicit GradFunction(std::shared_ptr<torch::autograd::Node> its_node)
      : node(std::move(its_node)) {}
  const char* type_name() const override { return "Node"; }
  std::string repr() const override { return "<" + node->name() + " object>"; }
  Value attribute(Interpreter&, const Text& name) override;
  bool equals(const Value& other) const override {
    const auto* opaque = other.get_if<Opaque>();
    const auto* function = dynamic_cast<const GradFunction*>(opaque);
    return function && function->node == node;
  }
  const std::shared_ptr<torch::autograd::Node> node;
};

}  // namespace gradient_check::python
