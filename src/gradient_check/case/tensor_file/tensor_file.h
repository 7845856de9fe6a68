#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "gradient_check/case/named_tensors.h"

namespace gradient_check {

/// A tensor file that cannot be read: what was found, and what to write instead.
class TensorFileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The tensors of a file by their names in it, by the file's ending: .npy (one, named ""), .npz,
/// .safetensors, .pt or .pth. In row-major order and in the dtype that the file has them in. What
/// the file says of itself is believed only where its size bears it out. Throws TensorFileError.
NamedTensors read_tensor_file(const std::filesystem::path& path);

// The formats, from a file's bytes; one file each.

/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1 to 3.
at::Tensor read_npy(std::string_view bytes);
/// A zip archive of .npy files, stored or deflated.
NamedTensors read_npz(std::string_view bytes);
/// https://huggingface.co/docs/safetensors: a JSON header and the tensors' memory.
NamedTensors read_safetensors(std::string_view bytes);
/// What torch.save wrote of a tensor, a list or a dictionary of tensors, a state_dict among them.
NamedTensors read_torch_file(std::string_view bytes);

/// A tensor over a copy of that memory, which must be as long as dtype and sizes say; `what` names
/// it in errors. Throws TensorFileError.
at::Tensor tensor_from_memory(std::string_view memory, const std::vector<std::int64_t>& sizes,
                              at::ScalarType dtype, const std::string& what);

}  // namespace gradient_check
