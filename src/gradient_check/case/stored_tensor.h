#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "gradient_check/case/json_value.h"
#include "gradient_check/case/named_tensors.h"

namespace gradient_check {

/// The tensors of the file that the cursor names, looked up beside the case, by their names in it;
/// the floating ones in `dtype`, where that is given. Throws CaseError.
NamedTensors load_tensor_file(const JsonCursor& file, std::optional<at::ScalarType> dtype);

/// A tensor of the form {"file": …, "key": …, "dtype": …}; `file` is that member. `dtype`: the one
/// named where `dtype_named`, else that of floating tensors. Throws CaseError.
at::Tensor load_stored_tensor(const JsonCursor& cursor, const JsonCursor& file,
                              at::ScalarType dtype, bool dtype_named);

}  // namespace gradient_check
