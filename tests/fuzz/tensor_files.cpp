#include "fuzz/target.h"
#include "gradient_check/case/tensor_file/tensor_file.h"

namespace gradient_check::fuzz {
namespace {

/// Reads a file's bytes; only TensorFileError may come out.
template <typename Read>
void read(const Read& read_bytes, std::string_view bytes) {
  try {
    read_bytes(bytes);
  } catch (const TensorFileError&) {
  }
}

}  // namespace

const Target npy_target{"npy",
                        [](std::string_view bytes) { read(read_npy, bytes); },
                        {"tests/case/files/c_order.npy", "tests/case/files/complex.npy",
                         "tests/case/files/scalar.npy", "tests/malformed/c_order.npy"}};
const Target npz_target{"npz",
                        [](std::string_view bytes) { read(read_npz, bytes); },
                        {"tests/case/files/two.npz", "tests/case/files/deflated.npz"}};
const Target safetensors_target{"safetensors",
                                [](std::string_view bytes) { read(read_safetensors, bytes); },
                                {"tests/case/files/two.safetensors"}};
const Target torch_file_target{"torch_file",
                               [](std::string_view bytes) { read(read_torch_file, bytes); },
                               {"tests/case/files"}};

}  // namespace gradient_check::fuzz
