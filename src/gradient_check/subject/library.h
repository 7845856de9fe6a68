#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "gradient_check/subject/layer.h"

namespace gradient_check {

/// A library that cannot be loaded.
class LibraryError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Loads a shared library that registers operators (TORCH_LIBRARY), or layers and losses
/// (GRADIENT_CHECK_LIBRARY of layer_library.h). From then on programs may call these operators as
/// torch.ops.NAMESPACE.NAME, and no others, and cases may name these layers: a case names what was
/// loaded, and loads nothing. Throws LibraryError, also where the library registers neither.
void load_library(const std::string& library);

/// The operators that were loaded, "my::fused_swiglu".
const std::vector<std::string>& loaded_operators();

/// The types that a case's "layers" and "loss" may name: the tables, then what was loaded.
struct LayerTables {
  std::vector<const LayerType*> layers = all_layers();
  std::vector<const LossType*> losses = all_losses();

 private:
  static std::vector<const LayerType*> all_layers();
  static std::vector<const LossType*> all_losses();
};

}  // namespace gradient_check
