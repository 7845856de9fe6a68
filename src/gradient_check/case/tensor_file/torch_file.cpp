#include <fmt/format.h>
#include <torch/csrc/api/include/torch/serialize/input-archive.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <vector>

#include "gradient_check/case/tensor_file/tensor_file.h"

namespace gradient_check {
namespace {

/// Tensors in their own memory, detached, as a file's reader would make them.
void add_tensor(NamedTensors& tensors, const std::string& name, const at::Tensor& tensor) {
  if (tensor.defined() && tensor.layout() == at::kStrided && !tensor.is_quantized())
    tensors.set(name, tensor.detach().cpu().contiguous());
}

NamedTensors tensors_in(const c10::IValue& value) {
  NamedTensors tensors;
  if (value.isTensor()) add_tensor(tensors, "", value.toTensor());
  if (value.isGenericDict())
    for (const auto& entry : value.toGenericDict())
      if (entry.key().isString() && entry.value().isTensor())
        add_tensor(tensors, entry.key().toStringRef(), entry.value().toTensor());
  if (value.isList() || value.isTuple()) {
    const auto elements =
        value.isList() ? value.toListRef().vec() : value.toTupleRef().elements().vec();
    for (std::size_t i = 0; i < elements.size(); ++i)
      if (elements[i].isTensor()) add_tensor(tensors, std::to_string(i), elements[i].toTensor());
  }
  return tensors;
}

/// What torch::save of C++ wrote, an archive.
NamedTensors archived(const std::filesystem::path& path) {
  torch::serialize::InputArchive archive;
  archive.load_from(path.string());
  NamedTensors tensors;
  for (const std::string& key : archive.keys()) {
    c10::IValue value;
    if (archive.try_read(key, value) && value.isTensor())
      add_tensor(tensors, key, value.toTensor());
  }
  return tensors;
}

}  // namespace

NamedTensors read_torch_file(const std::filesystem::path& path, std::string_view bytes) {
  NamedTensors tensors;
  try {
    tensors = tensors_in(torch::jit::pickle_load(std::vector<char>(bytes.begin(), bytes.end())));
  } catch (const std::exception&) {
    try {
      tensors = archived(path);
    } catch (const std::exception&) {
      // Said below.
    }
  }
  if (tensors.empty())
    throw TensorFileError(
        "LibTorch finds no tensors that it can read in the .pt file: to it, Python objects are "
        "closed, a state_dict's OrderedDict among them. Save a plain dictionary of tensors: "
        "torch.save(dict(model.state_dict()), 'x.pt')");
  return tensors;
}

}  // namespace gradient_check
