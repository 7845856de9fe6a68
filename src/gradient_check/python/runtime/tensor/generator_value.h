#pragma once

#include <ATen/core/Generator.h>

#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {

/// A torch.Generator.
struct GeneratorValue : Opaque {
  explicit GeneratorValue(at::Generator its_generator) : generator(std::move(its_generator)) {}
  const char* type_name() const override { return "torch._C.Generator"; }
  std::string repr() const override { return "<torch._C.Generator object>"; }
  at::Generator generator;
};

}  // namespace gradient_check::python
