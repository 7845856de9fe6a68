#include <fmt/format.h>

#include "gradient_check/case/tensor_file/tensor_file.h"
#include "gradient_check/case/tensor_file/zip_entries.h"

namespace gradient_check {

NamedTensors read_npz(std::string_view bytes) {
  NamedTensors tensors;
  for (auto& [name, array] : zip_entries(bytes, ".npz")) {
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    try {
      tensors.set(name, read_npy(array));
    } catch (const TensorFileError& error) {
      throw TensorFileError(fmt::format("'{}': {}", name, error.what()));
    }
  }
  if (tensors.empty()) throw TensorFileError("the .npz file holds no arrays");
  return tensors;
}

}  // namespace gradient_check
