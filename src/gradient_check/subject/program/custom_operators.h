#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace gradient_check {

/// A library of operators that cannot be loaded.
class LibraryError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Loads a shared library that registers operators (TORCH_LIBRARY). Programs may call these as
/// torch.ops.NAMESPACE.NAME from then on, and no others: a case file names what was loaded, and
/// loads nothing. Throws LibraryError, also where the library registers none.
void load_operators(const std::string& library);

/// The operators that were loaded, "my::fused_swiglu".
const std::vector<std::string>& loaded_operators();

}  // namespace gradient_check
