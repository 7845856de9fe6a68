#pragma once

#include <string>

namespace gradient_check {

/// A piece of program about tensors as NumPy's arrays have it: x.T for x.t(), x.shape[0] for
/// x.size(0), keepdims for keepdim.
std::string numpy_spelling(std::string text);

}  // namespace gradient_check
