#pragma once

#include <ATen/core/Tensor.h>

#include "gradient_check/case/json_value.h"

namespace gradient_check {

/// A tensor of a given shape filled as `init` says, with the keys that belong to it (value; mean
/// and std; low and high) taken from `tensor`. Xavier and Kaiming follow torch.nn.init with gain 1
/// and a = 0 (He et al. 2015, Glorot and Bengio 2010). Throws CaseError.
at::Tensor initialize(const JsonCursor& tensor, const JsonCursor& shape, const JsonCursor& init,
                      at::ScalarType dtype);

}  // namespace gradient_check
