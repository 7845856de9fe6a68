#include "gradient_check/case/stored_tensor.h"

#include <ATen/ops/isfinite.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gradient_check/case/file_access.h"
#include "gradient_check/case/suggest.h"
#include "gradient_check/case/tensor_file/tensor_file.h"
#include "gradient_check/case/tensor_loader.h"

namespace gradient_check {
namespace {

/// Whether what is finite in one is finite in the other.
bool same_finite(const at::Tensor& a, const at::Tensor& b) {
  return at::isfinite(a).equal(at::isfinite(b));
}

/// A stored tensor in a dtype that the case names; its numbers must fit.
at::Tensor converted(const JsonCursor& file, const at::Tensor& stored, at::ScalarType dtype) {
  if (stored.is_complex() && !at::isComplexType(dtype))
    file.fail(
        fmt::format("the file's numbers are complex, which {} cannot hold; leave \"dtype\" out",
                    dtype_name(dtype)));
  const at::Tensor tensor = stored.to(dtype);
  if (tensor.is_floating_point() && !same_finite(stored, tensor))
    file.fail(fmt::format("a number in the file overflows {}", dtype_name(dtype)));
  if (at::isIntegralType(dtype, true) && !tensor.to(at::kDouble).equal(stored.to(at::kDouble)))
    file.fail(fmt::format("the file's {} numbers do not fit {}", dtype_name(stored.scalar_type()),
                          dtype_name(dtype)));
  return tensor;
}

}  // namespace

NamedTensors load_tensor_file(const JsonCursor& file, std::optional<at::ScalarType> dtype) {
  const auto path = resolve_beside(file, file.position().file);
  NamedTensors tensors;
  try {
    tensors = read_tensor_file(path);
  } catch (const TensorFileError& error) {
    file.fail(error.what());
  }
  if (!dtype) return tensors;
  NamedTensors floating;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor narrowed = tensor.is_complex()          ? tensor.to(c10::toComplexType(*dtype))
                                : tensor.is_floating_point() ? tensor.to(*dtype)
                                                             : tensor;
    if (!same_finite(tensor, narrowed))
      file.fail(
          fmt::format("a number in the file overflows {}, the case's dtype", dtype_name(*dtype)));
    floating.set(name, narrowed);
  }
  return floating;
}

at::Tensor load_stored_tensor(const JsonCursor& cursor, const JsonCursor& file,
                              at::ScalarType dtype, bool dtype_named) {
  std::optional<std::string> key;
  for (const JsonMember& member : cursor->members) {
    if (member.key != "file" && member.key != "key" && member.key != "dtype")
      cursor.fail_key(member, fmt::format("'{}' has no meaning beside 'file'", member.key));
    if (member.key == "key") key = cursor.member(member).as_string("a tensor's name in the file");
  }
  const NamedTensors stored =
      load_tensor_file(file, dtype_named ? std::nullopt : std::optional(dtype));
  std::vector<std::string> names;
  for (const auto& [name, tensor] : stored) names.push_back(name);
  if (!key && names.size() != 1)
    cursor.fail(fmt::format("the file holds {} tensors; name one by a \"key\": {}", names.size(),
                            fmt::join(names, ", ")));
  if (key && !stored.contains(*key))
    cursor.fail(names == std::vector<std::string>{""}
                    ? std::string("this file holds one tensor without a name; leave \"key\" out")
                    : fmt::format("the file holds no tensor '{}'{}", *key, suggest(*key, names)));
  const at::Tensor& tensor = stored[key ? *key : names[0]];
  return dtype_named ? converted(file, tensor, dtype) : tensor;
}

}  // namespace gradient_check
