#include "gradient_check/subject/reduced_precision.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include <mutex>
#include <set>
#include <sstream>
#include <string>

namespace gradient_check {
namespace {

constexpr auto mode_key = c10::DispatchKey::TESTING_ONLY_GenericMode;

bool is_reduced(at::ScalarType dtype) { return dtype == at::kHalf || dtype == at::kBFloat16; }

bool is_reduced(const at::Tensor& tensor) {
  return tensor.defined() && is_reduced(tensor.scalar_type());
}

/// An operator with the dtypes and all else but the tensors it is given: what it lacks for one it
/// may have for another.
std::string call_name(const c10::OperatorHandle& op, const std::vector<c10::IValue>& stack) {
  std::string name = op.schema().name() + "." + op.schema().overload_name();
  const auto add = [&](const at::Tensor& tensor) {
    if (tensor.defined()) name += std::string(" ") + c10::toString(tensor.scalar_type());
  };
  const auto count = static_cast<std::ptrdiff_t>(op.schema().arguments().size());
  for (auto argument = stack.end() - count; argument != stack.end(); ++argument) {
    if (argument->isTensor()) add(argument->toTensor());
    if (argument->isTensorList())
      for (const at::Tensor& tensor : argument->toTensorVector()) add(tensor);
    if (argument->isScalar() || argument->isString() || argument->isIntList() ||
        argument->isNone()) {
      std::ostringstream text;
      text << ' ' << *argument;
      name += text.str();
    }
  }
  return name;
}

/// Calls found to lack a kernel, so that each fails only once.
class MissingKernels {
 public:
  bool contains(const std::string& call) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return names_.count(call) != 0;
  }
  void add(const std::string& call) {
    const std::lock_guard<std::mutex> lock(mutex_);
    names_.insert(call);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> names_;
};

MissingKernels& missing_kernels() {
  static MissingKernels kernels;
  return kernels;
}

bool says_not_implemented(const std::string& message) {
  for (const char* words :
       {"not implemented for 'Half'", "not implemented for 'BFloat16'", "not supported for Half",
        "not supported for BFloat16", "expected scalar type Float but found Half",
        "expected scalar type Float but found BFloat16", "data type combinations is not supported"})
    if (message.find(words) != std::string::npos) return true;
  return false;
}

/// Widens the reduced tensors among the values. Returns the reduced dtype found, or Undefined where
/// there was none.
at::ScalarType widen(std::vector<c10::IValue>& values) {
  at::ScalarType found = at::ScalarType::Undefined;
  const auto widened = [&](const at::Tensor& tensor) {
    if (!is_reduced(tensor)) return tensor;
    found = tensor.scalar_type();
    return tensor.to(at::kFloat);
  };
  for (c10::IValue& value : values) {
    if (value.isTensor()) {
      value = widened(value.toTensor());
    } else if (value.isTensorList()) {
      std::vector<at::Tensor> tensors;
      for (const at::Tensor& tensor : value.toTensorVector()) tensors.push_back(widened(tensor));
      value = tensors;
    }
  }
  return found;
}

/// Whether a call says what dtype its result has.
bool names_a_dtype(const c10::FunctionSchema& schema, const std::vector<c10::IValue>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (schema.arguments()[i].name() == "dtype" && !arguments[i].isNone()) return true;
  return false;
}

void compute_in_float(const c10::OperatorHandle& op, std::vector<c10::IValue>* stack) {
  const auto& schema = op.schema();
  const std::size_t count = schema.arguments().size();
  const std::vector<c10::IValue> originals(stack->end() - static_cast<std::ptrdiff_t>(count),
                                           stack->end());
  std::vector<c10::IValue> arguments = originals;
  at::ScalarType reduced = widen(arguments);
  if (names_a_dtype(schema, originals)) reduced = at::ScalarType::Undefined;
  stack->resize(stack->size() - count);
  std::vector<c10::IValue> results = arguments;
  op.callBoxed(&results);

  // What the operator wrote in place goes back into the tensors it was given.
  for (std::size_t i = 0; i < count; ++i) {
    const auto* alias = schema.arguments()[i].alias_info();
    if (alias && alias->isWrite() && originals[i].isTensor() && is_reduced(originals[i].toTensor()))
      originals[i].toTensor().copy_(arguments[i].toTensor());
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto* alias = schema.returns()[i].alias_info();
    if (alias && alias->isWrite())
      for (std::size_t j = 0; j < count; ++j)
        if (arguments[j].isTensor() && results[i].isTensor() &&
            arguments[j].toTensor().is_same(results[i].toTensor()))
          results[i] = originals[j];
    if (results[i].isTensor() && results[i].toTensor().defined() &&
        results[i].toTensor().scalar_type() == at::kFloat && reduced != at::ScalarType::Undefined)
      results[i] = results[i].toTensor().to(reduced);
    stack->push_back(results[i]);
  }
}

void fallback(const c10::OperatorHandle& op, c10::DispatchKeySet, std::vector<c10::IValue>* stack) {
  const c10::impl::ExcludeDispatchKeyGuard below(mode_key);
  const std::string name = call_name(op, *stack);
  if (!missing_kernels().contains(name)) {
    const std::vector<c10::IValue> saved = *stack;
    try {
      op.callBoxed(stack);
      return;
    } catch (const c10::Error& error) {
      if (!says_not_implemented(error.what())) throw;
      missing_kernels().add(name);
      *stack = saved;
    }
  }
  compute_in_float(op, stack);
}

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&fallback>());
}

}  // namespace

ReducedPrecisionFallback::ReducedPrecisionFallback(bool active) {
  if (active) guard_.emplace(mode_key);
}

}  // namespace gradient_check
