#pragma once

#include <ATen/core/Generator.h>

#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {

/// A torch.Generator.
struct GeneratorValue : Opaque {
  explicit GeneratorValue(at::Generator its_generator) : generator(std::move(its_generator)) {}
  const char* type_name() const override { return "torch.Generator"; }
  Value attribute(Interpreter& interpreter, const Text& name) override;
  at::Generator generator;
};

}  // namespace gradient_check::python
