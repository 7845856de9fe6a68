#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/function_schema.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {

/// What a parameter of an operator takes.
enum class ParameterType : std::uint8_t {
  tensor,
  scalar,
  integer,
  real,
  boolean,
  string,
  integers,
  reals,
  booleans,
  scalars,
  tensors,
  optional_tensors,
  dtype,
  layout,
  memory_format,
  device,
  generator,
  other  ///< nothing that a program has
};

struct OperatorParameter {
  std::string name;
  ParameterType type;
  bool is_optional = false;  ///< takes None
  bool keyword_only = false;
  int length = 0;  ///< of integers: one int stands for so many; 0: not at all
  std::optional<c10::IValue> default_value;
};

/// One overload, from its schema.
struct Overload {
  explicit Overload(const c10::OperatorHandle& handle);

  c10::OperatorHandle handle;
  std::vector<OperatorParameter> parameters;
  std::size_t by_position = 0;  ///< how many may be given by position
  bool makes_tensor = false;    ///< takes dtype, layout, device: Python adds requires_grad
  /// The result shares no memory with an argument and none is changed: autograd's kernels do
  /// nothing to it where no gradient is recorded.
  bool is_functional = false;
  bool is_unary = false, is_binary = false;  ///< (Tensor) or (Tensor, Tensor) to one Tensor
  bool gives_dtype = false;                  ///< its result, an int in older schemas, is a dtype
  std::optional<TupleFields> fields;         ///< of a result of several, where they have names
};

/// The overloads of one operator, in the order in which they are tried.
struct OperatorSet {
  std::string name;
  std::vector<Overload> overloads;
  bool takes_numbers_as_tensors = false;
};

/// The operator of that name ("aten::" may be left out); null if LibTorch has none or programs may
/// not call it. Safe to call from several threads.
const OperatorSet* find_operator(const std::string& name);

/// Lets programs call operators that are not LibTorch's own, "my::swiglu": those of a library that
/// the user loaded. Before any program runs.
void allow_operators(const std::vector<std::string>& names);

/// Whether programs may call an operator: the list that operator_names.cpp holds.
bool is_listed_operator(std::string_view name);
const std::vector<std::string>& listed_operators();

}  // namespace gradient_check::python
