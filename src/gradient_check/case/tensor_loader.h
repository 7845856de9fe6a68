#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "gradient_check/case/json_value.h"

namespace gradient_check {

/// The names that a tensor's or a case's `dtype` may have.
const std::vector<std::string>& dtype_names();
const std::vector<std::string>& init_names();
/// The keys a tensor's object form may have.
const std::vector<std::string>& tensor_keys();

/// The dtype a case file names. Throws CaseError.
at::ScalarType load_dtype(const JsonCursor& cursor);
/// LibTorch's name of a dtype, "float32".
std::string dtype_name(at::ScalarType dtype);

/// A tensor as §4 of the case format writes it: nested arrays, a number, or the object form.
/// Numbers become `default_dtype` unless the object form says otherwise. Random inits draw from
/// LibTorch's default CPU generator. Throws CaseError.
at::Tensor load_tensor(const JsonCursor& cursor, at::ScalarType default_dtype);

}  // namespace gradient_check
