#include "gradient_check/case/tensor_file/tensor_file.h"
#include "gradient_check/case/countable_shape.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <fstream>
#include <vector>

namespace gradient_check {
namespace {

constexpr std::uintmax_t largest_file = 4ULL << 30U;

std::string bytes_of(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw TensorFileError(fmt::format("not a regular file: {}", path.string()));
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > largest_file)
    throw TensorFileError(
        fmt::format("{} is larger than {} GiB", path.string(), largest_file >> 30U));
  std::string bytes(size, '\0');
  std::ifstream stream(path, std::ios::binary);
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(size)) && size > 0)
    throw TensorFileError(fmt::format("cannot read {}", path.string()));
  return bytes;
}

}  // namespace

NamedTensors read_tensor_file(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".npy") return {{"", read_npy(bytes_of(path))}};
  if (ending == ".npz") return read_npz(bytes_of(path));
  if (ending == ".safetensors") return read_safetensors(bytes_of(path));
  if (ending == ".pt" || ending == ".pth") return read_torch_file(bytes_of(path));
  throw TensorFileError(fmt::format(
      "a tensor file ends in .npy, .npz, .safetensors or .pt, found '{}'", path.string()));
}

at::Tensor tensor_from_memory(std::string_view memory, const std::vector<std::int64_t>& sizes,
                              at::ScalarType dtype, const std::string& what) {
  if (!is_countable_shape(sizes))
    throw TensorFileError(
        fmt::format("{} claims the impossible shape [{}]", what, fmt::join(sizes, ", ")));
  std::int64_t bytes = static_cast<std::int64_t>(c10::elementSize(dtype));
  for (const std::int64_t size : sizes) bytes *= size;
  if (static_cast<std::uint64_t>(bytes) != memory.size())
    throw TensorFileError(fmt::format("{} claims the shape [{}], which takes {} bytes, and has {}",
                                      what, fmt::join(sizes, ", "), bytes, memory.size()));
  at::Tensor tensor = at::empty(sizes, at::TensorOptions(dtype));
  if (!memory.empty()) std::memcpy(tensor.data_ptr(), memory.data(), memory.size());
  return tensor;
}

}  // namespace gradient_check
