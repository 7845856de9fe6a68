#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "gradient_check/case/tensor_file/tensor_file.h"

namespace gradient_check {
namespace {

constexpr std::uint64_t longest_header = 100'000'000;  // the format's own bound

at::ScalarType safetensors_dtype(const std::string& name) {
  struct Known {
    const char* name;
    at::ScalarType dtype;
  };
  constexpr Known known[] = {{"F64", at::kDouble},    {"F32", at::kFloat}, {"F16", at::kHalf},
                             {"BF16", at::kBFloat16}, {"I64", at::kLong},  {"I32", at::kInt},
                             {"I16", at::kShort},     {"I8", at::kChar},   {"U8", at::kByte},
                             {"BOOL", at::kBool}};
  for (const Known& each : known)
    if (name == each.name) return each.dtype;
  throw TensorFileError(fmt::format(
      "dtype {} of a safetensors file is unknown; save F64, F32, F16, BF16 or integers", name));
}

at::Tensor entry_in(const nlohmann::json& entry, std::string_view memory, const std::string& name) {
  const auto sizes = entry.at("shape").get<std::vector<std::int64_t>>();
  const auto offsets = entry.at("data_offsets").get<std::vector<std::uint64_t>>();
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > memory.size() ||
      sizes.size() > 64)
    throw TensorFileError(fmt::format("'{}' lies outside the safetensors file", name));
  return tensor_from_memory(memory.substr(offsets[0], offsets[1] - offsets[0]), sizes,
                            safetensors_dtype(entry.at("dtype").get<std::string>()),
                            fmt::format("'{}'", name));
}

}  // namespace

NamedTensors read_safetensors(std::string_view bytes) {
  std::uint64_t length = 0;
  if (bytes.size() >= 8) std::memcpy(&length, bytes.data(), 8);
  if (bytes.size() < 8 || length > longest_header || length > bytes.size() - 8)
    throw TensorFileError("this is no safetensors file: its header does not fit into it");
  const auto header = nlohmann::json::parse(bytes.substr(8, length), nullptr, false);
  if (!header.is_object())
    throw TensorFileError("this is no safetensors file: its header is no JSON object");
  NamedTensors tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    try {
      tensors.set(name, entry_in(entry, bytes.substr(8 + length), name));
    } catch (const nlohmann::json::exception&) {
      throw TensorFileError(
          fmt::format("the safetensors file says nothing usable of '{}'; it needs "
                      "dtype, shape and data_offsets",
                      name));
    }
  }
  return tensors;
}

}  // namespace gradient_check
