#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "gradient_check/case/countable_shape.h"
#include "gradient_check/case/tensor_file/pickle.h"
#include "gradient_check/case/tensor_file/tensor_file.h"
#include "gradient_check/case/tensor_file/zip_entries.h"

// Read by ourselves: LibTorch's own readers trust the file, and run what it says.

namespace gradient_check {
namespace {

using PickleKind = Pickled::Kind;

std::optional<at::ScalarType> storage_dtype(const std::string& global) {
  static const std::map<std::string, at::ScalarType> known{
      {"torch DoubleStorage", at::kDouble},
      {"torch FloatStorage", at::kFloat},
      {"torch HalfStorage", at::kHalf},
      {"torch BFloat16Storage", at::kBFloat16},
      {"torch LongStorage", at::kLong},
      {"torch IntStorage", at::kInt},
      {"torch ShortStorage", at::kShort},
      {"torch CharStorage", at::kChar},
      {"torch ByteStorage", at::kByte},
      {"torch BoolStorage", at::kBool},
      {"torch ComplexDoubleStorage", at::kComplexDouble},
      {"torch ComplexFloatStorage", at::kComplexFloat}};
  const auto found = known.find(global);
  return found == known.end() ? std::nullopt : std::optional(found->second);
}

class TorchFile {
 public:
  explicit TorchFile(std::string_view bytes) : entries_(zip_entries(bytes, ".pt")) {}

  NamedTensors read() {
    const std::string* const pickle = entry("data.pkl");
    if (!pickle) throw TensorFileError("this is no .pt file of torch.save: it holds no data.pkl");
    const Pickle read = read_pickle(*pickle);
    const Pickled* const root = read.root;
    add("", *root);
    for (std::size_t i = 0; i < root->items.size() && root->kind == PickleKind::list; ++i)
      add(std::to_string(i), *root->items[i]);
    for (const auto& [key, value] : root->entries)
      if (key->kind == PickleKind::text) add(key->text, *value);
    if (tensors_.empty())
      throw TensorFileError(
          "the .pt file holds no tensors, or a Python object around them, which is closed to "
          "anything but Python: torch.save(model.state_dict(), 'x.pt')");
    return std::move(tensors_);
  }

 private:
  /// A file of the archive, whose folder may have any name.
  const std::string* entry(const std::string& name) const {
    for (const auto& [path, content] : entries_)
      if (path.substr(path.find('/') + 1) == name) return &content;
    return nullptr;
  }

  static bool calls(const Pickled& object, const char* global) {
    return object.kind == PickleKind::call && object.callable->kind == PickleKind::global &&
           object.callable->text == global;
  }

  void add(const std::string& name, const Pickled& object) {
    const bool is_parameter =
        calls(object, "torch._utils _rebuild_parameter") && !object.items.empty();
    const Pickled& tensor = is_parameter ? *object.items[0] : object;
    if (calls(tensor, "torch._utils _rebuild_tensor_v2"))
      tensors_.set(name, tensor_of(tensor, name));
  }

  /// _rebuild_tensor_v2(storage, offset, sizes, strides, …), storage a persistent id ("storage",
  /// type, key, device, elements).
  at::Tensor tensor_of(const Pickled& call, const std::string& name) const {
    const auto fail = [&] {
      throw TensorFileError(fmt::format("tensor '{}' of the .pt file is damaged", name));
    };
    if (call.items.size() < 4 || call.items[0]->kind != PickleKind::persistent ||
        call.items[0]->items.size() < 3)
      fail();
    const Pickled& storage = *call.items[0];
    const auto dtype = storage_dtype(storage.items[1]->text);
    if (!dtype)
      throw TensorFileError(
          fmt::format("tensor '{}' of the .pt file has the storage {}, which "
                      "cannot be read; save float or integer tensors",
                      name, storage.items[1]->text));
    const std::string* const memory = entry("data/" + storage.items[2]->text);
    if (!memory) fail();
    return strided(*memory, *dtype, call.items[1]->integer, integers_of(*call.items[2]),
                   integers_of(*call.items[3]), name);
  }

  static std::vector<std::int64_t> integers_of(const Pickled& tuple) {
    std::vector<std::int64_t> numbers;
    for (const auto& item : tuple.items) numbers.push_back(item->integer);
    return numbers;
  }

  static at::Tensor strided(const std::string& memory, at::ScalarType dtype, std::int64_t offset,
                            const std::vector<std::int64_t>& sizes,
                            const std::vector<std::int64_t>& strides, const std::string& name) {
    const auto item = static_cast<std::int64_t>(c10::elementSize(dtype));
    const std::int64_t elements = static_cast<std::int64_t>(memory.size()) / item;
    std::int64_t last = offset, count = 1;
    bool fits = offset >= 0 && sizes.size() == strides.size() && sizes.size() <= 64 &&
                is_countable_shape(sizes);
    for (std::size_t d = 0; fits && d < sizes.size(); ++d) {
      std::int64_t step = 0;
      fits = sizes[d] >= 0 && strides[d] >= 0 &&
             !__builtin_mul_overflow(std::max<std::int64_t>(sizes[d] - 1, 0), strides[d], &step) &&
             !__builtin_add_overflow(last, step, &last) &&
             !__builtin_mul_overflow(count, sizes[d], &count);
    }
    // A stride of 0 makes any number of elements out of one.
    fits = fits && count <= std::max<std::int64_t>(elements, 1) * 1024;
    if (!fits || (count > 0 && last >= elements))
      throw TensorFileError(
          fmt::format("tensor '{}' of the .pt file claims more than its storage holds", name));
    const at::Tensor whole = tensor_from_memory(
        std::string_view(memory).substr(0, static_cast<std::size_t>(elements * item)), {elements},
        dtype, fmt::format("tensor '{}'", name));
    if (count == 0) return at::zeros(sizes, whole.options());
    return whole.as_strided(sizes, strides, offset).contiguous();
  }

  std::vector<std::pair<std::string, std::string>> entries_;
  NamedTensors tensors_;
};

}  // namespace

NamedTensors read_torch_file(std::string_view bytes) { return TorchFile(bytes).read(); }

}  // namespace gradient_check
