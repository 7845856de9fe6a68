#pragma once

#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/tensor/operator_table.h"

namespace gradient_check::python {

/// An operator of LibTorch as a function (torch.name) or, with the tensor first, a method.
struct TensorFunction : Opaque {
  TensorFunction(const OperatorSet& its_operators, bool as_method)
      : operators(its_operators), is_method(as_method) {}
  const char* type_name() const override { return "builtin_function_or_method"; }
  std::string repr() const override { return "<built-in method " + operators.name + ">"; }
  Value attribute(Interpreter&, const Text& name) override;
  Value call(Interpreter& interpreter, const Arguments& arguments) override;

  const OperatorSet& operators;
  const bool is_method;
};

/// Calls the overload that takes the arguments. Raises TypeError where none does.
Value call_operator(Interpreter& interpreter, const OperatorSet& operators, bool is_method,
                    const Arguments& arguments);

}  // namespace gradient_check::python
