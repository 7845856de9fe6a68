#include "gradient_check/diagnosis/tape/dependencies.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/record_function.h>

#include <algorithm>

#include "gradient_check/diagnosis/tape/cause.h"
#include "gradient_check/diagnosis/tape/operator_schema.h"
#include "gradient_check/diagnosis/tape/values.h"

namespace gradient_check {
namespace {

/// At most this many elements are looked at where an operation is not known better.
constexpr std::int64_t looked_at_most = 100000;

/// Which dimensions of `input` a reduction runs over.
std::vector<bool> reduced_dimensions(const Operation& operation, const at::Tensor& input) {
  std::vector<bool> reduced(static_cast<std::size_t>(input.dim()), false);
  const auto mark = [&](std::int64_t dimension) {
    if (dimension < 0) dimension += input.dim();
    if (dimension >= 0 && dimension < input.dim())
      reduced[static_cast<std::size_t>(dimension)] = true;
  };
  const c10::IValue dim = argument_of(operation, "dim");
  if (dim.isInt()) mark(dim.toInt());
  if (dim.isIntList())
    for (const std::int64_t d : dim.toIntVector()) mark(d);
  if (std::none_of(reduced.begin(), reduced.end(), [](bool is) { return is; }))
    std::fill(reduced.begin(), reduced.end(), true);
  return reduced;
}

std::vector<Dependency> all_elements(const std::vector<at::Tensor>& tensors) {
  std::vector<Dependency> all;
  for (std::size_t k = 0; k < tensors.size(); ++k)
    for (std::int64_t i = 0; i < std::min(tensors[k].numel(), looked_at_most); ++i)
      if (tensors[k].is_floating_point()) all.push_back({k, i});
  return all;
}

/// Flat indices of `input` whose coordinates are `fixed` where that is not -1.
std::vector<std::int64_t> slice(at::IntArrayRef sizes, const std::vector<std::int64_t>& fixed) {
  std::vector<std::int64_t> flat{0};
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    std::vector<std::int64_t> next;
    const std::int64_t low = fixed[d] < 0 ? 0 : fixed[d];
    const std::int64_t high = fixed[d] < 0 ? sizes[d] : fixed[d] + 1;
    for (const std::int64_t base : flat)
      for (std::int64_t i = low; i < high; ++i) {
        if (static_cast<std::int64_t>(next.size()) >= looked_at_most) return next;
        next.push_back(base * sizes[d] + i);
      }
    flat = std::move(next);
  }
  return flat;
}

std::vector<std::int64_t> coordinates(at::IntArrayRef sizes, std::int64_t flat) {
  std::vector<std::int64_t> index(sizes.size());
  for (std::size_t d = sizes.size(); d-- > 0;) {
    index[d] = sizes[d] > 0 ? flat % sizes[d] : 0;
    if (sizes[d] > 0) flat /= sizes[d];
  }
  return index;
}

std::vector<Dependency> of_reduction(const Operation& operation, std::int64_t flat) {
  const at::Tensor input = tensors_of(operation.arguments).at(0);
  const std::vector<bool> reduced = reduced_dimensions(operation, input);
  const std::vector<std::int64_t> at = coordinates(operation.output.sizes(), flat);
  const bool kept = operation.output.dim() == input.dim();
  std::vector<std::int64_t> fixed(reduced.size(), -1);
  std::size_t next = 0;
  for (std::size_t d = 0; d < reduced.size(); ++d) {
    if (reduced[d]) continue;
    const std::size_t own = kept ? d : next++;
    if (own < at.size()) fixed[d] = at[own];
  }
  std::vector<Dependency> result;
  for (const std::int64_t i : slice(input.sizes(), fixed)) result.push_back({0, i});
  return result;
}

/// By what the operation makes of tensors that hold their own indices.
std::vector<Dependency> of_movement(const Operation& operation, std::int64_t flat) {
  const at::DisableRecordFunctionGuard unrecorded;
  std::vector<std::int64_t> offsets;
  std::int64_t offset = 1;
  const auto indices = [&](const at::Tensor& tensor) -> at::Tensor {
    offsets.push_back(offset);
    if (!tensor.is_floating_point()) return tensor;
    const std::int64_t begin = offset;
    offset += tensor.numel();
    return at::arange(begin, offset, at::kDouble).reshape(tensor.sizes());
  };
  std::vector<c10::IValue> arguments = operation.arguments;
  for (c10::IValue& argument : arguments) {
    if (argument.isTensor() && argument.toTensor().defined()) {
      argument = indices(argument.toTensor());
    } else if (argument.isTensorList()) {
      std::vector<at::Tensor> tensors;
      for (const at::Tensor& tensor : argument.toTensorVector()) tensors.push_back(indices(tensor));
      argument = tensors;
    }
  }
  const double found = element(replay(operation, arguments), flat);
  if (!(found >= 1 && found < static_cast<double>(offset))) return {};
  const auto index = static_cast<std::int64_t>(found);
  const std::vector<at::Tensor> tensors = tensors_of(operation.arguments);
  for (std::size_t k = tensors.size(); k-- > 0;)
    if (tensors[k].is_floating_point() && k < offsets.size() && index >= offsets[k])
      return {{k, index - offsets[k]}};
  return {};
}

bool is_product(const std::string& name) {
  return name == "matmul" || name == "mm" || name == "bmm" || name == "mv" || name == "dot" ||
         name == "linear" || name == "addmm" || name == "baddbmm";
}

/// The row and the column, and the bias, that one element of a product is made of.
std::vector<Dependency> of_product(const Operation& operation, std::int64_t flat) {
  const std::vector<at::Tensor> tensors = tensors_of(operation.arguments);
  const bool biased_first = operation.name == "addmm" || operation.name == "baddbmm";
  const std::size_t left = biased_first ? 1 : 0, right = left + 1;
  if (tensors.size() <= right) return all_elements(tensors);
  const at::Tensor &a = tensors[left], &b = tensors[right];
  const bool transposed = operation.name == "linear";
  std::vector<std::int64_t> at = coordinates(operation.output.sizes(), flat);
  const std::int64_t column = b.dim() < 2 ? -1 : at.back();
  if (b.dim() >= 2) at.pop_back();
  const std::int64_t row = a.dim() < 2 || at.empty() ? -1 : at.back();
  if (a.dim() >= 2 && !at.empty()) at.pop_back();
  const auto fixed = [&](const at::Tensor& tensor, std::int64_t own, bool own_first) {
    std::vector<std::int64_t> result(static_cast<std::size_t>(tensor.dim()), -1);
    if (tensor.dim() >= 2) result[result.size() - (own_first ? 2 : 1)] = own;
    for (std::size_t d = 0; d + 2 < result.size(); ++d) {
      const std::size_t from_end = result.size() - 2 - d;
      if (from_end > at.size()) continue;
      result[d] = tensor.sizes()[d] == 1 ? 0 : at[at.size() - from_end];
    }
    return result;
  };
  std::vector<Dependency> result;
  for (const std::int64_t i : slice(a.sizes(), fixed(a, row, true))) result.push_back({left, i});
  for (const std::int64_t i : slice(b.sizes(), fixed(b, column, transposed)))
    result.push_back({right, i});
  const std::size_t bias = biased_first ? 0 : 2;
  if (bias < tensors.size())
    if (const std::int64_t i = broadcast_index(tensors[bias], operation.output.sizes(), flat);
        i >= 0)
      result.push_back({bias, i});
  return result;
}

std::vector<Dependency> of_elementwise(const Operation& operation, std::int64_t flat) {
  std::vector<Dependency> result;
  const std::vector<at::Tensor> tensors = tensors_of(operation.arguments);
  for (std::size_t k = 0; k < tensors.size(); ++k)
    if (const std::int64_t i = broadcast_index(tensors[k], operation.output.sizes(), flat);
        i >= 0 && tensors[k].numel() > 0)
      result.push_back({k, i});
  return result;
}

}  // namespace

std::vector<Dependency> dependencies_of(const Operation& operation, std::int64_t flat) {
  const std::vector<at::Tensor> tensors = tensors_of(operation.arguments);
  if (tensors.empty()) return {};
  try {
    switch (kind_of(operation.name)) {
      case OperationKind::elementwise:
        return of_elementwise(operation, flat);
      case OperationKind::reduction:
        // max(a, b) of two tensors is elementwise.
        return tensors.size() > 1 ? of_elementwise(operation, flat) : of_reduction(operation, flat);
      case OperationKind::movement:
        return of_movement(operation, flat);
      case OperationKind::fill:
      case OperationKind::allocation:
        return {};
      case OperationKind::other:
        break;
    }
    if (is_product(operation.name)) return of_product(operation, flat);
  } catch (const std::exception&) {
    // An operator that cannot be asked: everything it was given.
  }
  return all_elements(tensors);
}

std::vector<double> elementwise_operands(const Operation& operation, std::int64_t flat) {
  std::vector<double> operands;
  for (const c10::IValue& argument : operation.arguments) {
    if (argument.isDouble()) operands.push_back(argument.toDouble());
    if (argument.isInt()) operands.push_back(static_cast<double>(argument.toInt()));
    if (!argument.isTensor() || !argument.toTensor().defined()) continue;
    const at::Tensor& tensor = argument.toTensor();
    const std::int64_t i = broadcast_index(tensor, operation.output.sizes(), flat);
    if (i >= 0 && tensor.numel() > 0) operands.push_back(element(tensor, i));
  }
  return operands;
}

at::Tensor replay(const Operation& operation, std::vector<c10::IValue> arguments) {
  const at::DisableRecordFunctionGuard unrecorded;
  const at::NoGradGuard no_grad;
  const auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(
      operation.operator_name.c_str(), operation.overload.c_str());
  handle.callBoxed(&arguments);
  const std::vector<at::Tensor> outputs = tensors_of(arguments);
  return outputs.empty() ? at::Tensor() : outputs.front();
}

}  // namespace gradient_check
