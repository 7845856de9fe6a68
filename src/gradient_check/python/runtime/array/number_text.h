#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace gradient_check::python {

/// The elements of a tensor as texts of one width, as NumPy's formatters give them.
std::vector<std::string> element_texts(const at::Tensor& elements);

}  // namespace gradient_check::python
