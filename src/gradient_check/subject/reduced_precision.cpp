#include "gradient_check/subject/reduced_precision.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/enum_tag.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/library.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "gradient_check/subject/detach_watch.h"

namespace gradient_check {
namespace {

// A class of LibTorch's own for modes: nothing else uses it.
constexpr auto mode_key = c10::DispatchKey::TESTING_ONLY_GenericMode;

using Values = std::vector<c10::IValue>;

/// float32 for what LibTorch's CPU may lack operators for; any other dtype as it is.
at::ScalarType widened_dtype(at::ScalarType dtype) {
  if (dtype == at::kHalf || dtype == at::kBFloat16) return at::kFloat;
  return dtype == at::kComplexHalf ? at::kComplexFloat : dtype;
}
bool is_reduced(at::ScalarType dtype) { return widened_dtype(dtype) != dtype; }

/// Where a result of that dtype is rounded to `reduced`: what it has there. A complex number of
/// bfloat16 parts does not exist: it stays complex64.
at::ScalarType rounded_dtype(at::ScalarType dtype, at::ScalarType reduced) {
  const bool half = reduced == at::kHalf || reduced == at::kComplexHalf;
  if (dtype == at::kFloat) return half ? at::kHalf : reduced;
  return dtype == at::kComplexFloat && half ? at::kComplexHalf : dtype;
}

/// The value with convert(tensor) in place of each defined tensor in it.
template <typename Convert>
c10::IValue converted(const c10::IValue& value, const Convert& convert) {
  const auto one = [&](const at::Tensor& tensor) {
    return tensor.defined() ? convert(tensor) : tensor;
  };
  if (value.isTensor()) return one(value.toTensor());
  if (!value.isTensorList()) return value;
  std::vector<at::Tensor> tensors;
  for (const at::Tensor& tensor : value.toTensorVector()) tensors.push_back(one(tensor));
  return tensors;
}

/// The tensors of an argument: itself, or those of a list.
std::vector<at::Tensor> tensors_in(const c10::IValue& value) {
  if (value.isTensorList()) return value.toTensorVector();
  if (value.isTensor()) return {value.toTensor()};
  return {};
}

bool names_dtype(const c10::Argument& argument, const c10::IValue& value) {
  return value.isInt() && argument.name() == "dtype";
}

at::ScalarType named_dtype(const c10::IValue& value) {
  return static_cast<at::ScalarType>(value.toInt());
}

/// Whether an argument is a reduced tensor, or asks for one.
bool is_reduced(const c10::Argument& argument, const c10::IValue& value) {
  const auto reduced = [](const at::Tensor& tensor) {
    return tensor.defined() && is_reduced(tensor.scalar_type());
  };
  if (value.isTensor()) return reduced(value.toTensor());
  if (names_dtype(argument, value)) return is_reduced(named_dtype(value));
  if (!value.isTensorList()) return false;
  const std::vector<at::Tensor> tensors = value.toTensorVector();
  return std::any_of(tensors.begin(), tensors.end(), reduced);
}

bool is_written(const c10::Argument& argument) {
  return argument.alias_info() && argument.alias_info()->isWrite();
}

/// An operator with the dtypes and all else but the tensors it is given: what it lacks for one it
/// may have for another.
std::string call_name(const c10::OperatorHandle& op, const Values& arguments) {
  std::string name = op.schema().name() + "." + op.schema().overload_name();
  for (const c10::IValue& argument : arguments) {
    for (const at::Tensor& tensor : tensors_in(argument))
      if (tensor.defined()) name += std::string(" ") + c10::toString(tensor.scalar_type());
    if (argument.isScalar() || argument.isString() || argument.isIntList() || argument.isNone()) {
      std::ostringstream text;
      text << ' ' << argument;
      name += text.str();
    }
  }
  return name;
}

/// Calls found to lack a kernel, so that each fails only once.
class MissingKernels {
 public:
  /// Whether it was never asked for that call before.
  bool is_new(const std::string& call) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return seen_.insert(call).second;
  }
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
  std::set<std::string> names_, seen_;
};

MissingKernels& missing_kernels() {
  static MissingKernels kernels;
  return kernels;
}

void put(const at::Tensor& to, const at::Tensor& from) {
  if (to.sizes() != from.sizes()) to.resize_(from.sizes());
  to.copy_(from);
}

/// What a call writes into, as it was before.
class Written {
 public:
  Written(const c10::FunctionSchema& schema, const Values& arguments) {
    const at::AutoDispatchBelowADInplaceOrView unseen_by_autograd;
    for (std::size_t i = 0; i < arguments.size(); ++i)
      if (is_written(schema.arguments()[i]))
        for (const at::Tensor& tensor : tensors_in(arguments[i]))
          if (tensor.defined()) copies_.emplace_back(tensor, tensor.clone());
  }
  /// An operator that failed may have come half-way.
  void restore() const {
    const at::AutoDispatchBelowADInplaceOrView unseen_by_autograd;
    for (const auto& [tensor, copy] : copies_) put(tensor, copy);
  }

 private:
  std::vector<std::pair<at::Tensor, at::Tensor>> copies_;
};

/// The dtype that the results are rounded to: the one that the call names, or that of the first
/// floating tensor, one with dimensions where there is one. Undefined where that is not reduced.
at::ScalarType result_dtype(const c10::FunctionSchema& schema, const Values& arguments) {
  at::Tensor first;
  auto dtype = at::ScalarType::Undefined;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (names_dtype(schema.arguments()[i], arguments[i])) {
      dtype = named_dtype(arguments[i]);
      return is_reduced(dtype) ? dtype : at::ScalarType::Undefined;
    }
    for (const at::Tensor& tensor : tensors_in(arguments[i]))
      if (tensor.defined() && (tensor.is_floating_point() || tensor.is_complex()) &&
          (!first.defined() || (first.dim() == 0 && tensor.dim() > 0)))
        first = tensor;
  }
  if (first.defined()) dtype = first.scalar_type();
  return is_reduced(dtype) ? dtype : at::ScalarType::Undefined;
}

/// The call in float32, on copies. What it writes is put into the arguments once it is through.
Values computed_in_float(const c10::OperatorHandle& op, const Values& originals) {
  const auto& schema = op.schema();
  Values arguments;
  for (std::size_t i = 0; i < originals.size(); ++i) {
    arguments.push_back(converted(originals[i], [](const at::Tensor& tensor) {
      return tensor.to(widened_dtype(tensor.scalar_type()));
    }));
    if (names_dtype(schema.arguments()[i], arguments[i]))
      arguments[i] = static_cast<std::int64_t>(widened_dtype(named_dtype(arguments[i])));
  }
  Values results = arguments;
  op.callBoxed(&results);

  std::vector<std::pair<at::Tensor, at::Tensor>> written;  // what was given, its copy
  for (std::size_t i = 0; i < originals.size(); ++i) {
    if (!is_written(schema.arguments()[i])) continue;
    const auto given = tensors_in(originals[i]), copies = tensors_in(arguments[i]);
    for (std::size_t k = 0; k < given.size(); ++k)
      if (given[k].defined()) written.emplace_back(given[k], copies[k]);
  }
  for (const auto& [given, copy] : written)
    if (!given.is_same(copy)) put(given, copy);
  const at::ScalarType reduced = result_dtype(schema, originals);
  for (c10::IValue& result : results)
    result = converted(result, [&](const at::Tensor& tensor) {
      for (const auto& [given, copy] : written)
        if (copy.is_same(tensor)) return given;
      if (reduced == at::ScalarType::Undefined) return tensor;
      return tensor.to(rounded_dtype(tensor.scalar_type(), reduced));
    });
  return results;
}

/// Whether a call computes, and its derivative does not: some formulas of autograd compute in their
/// own code, behind no operator. Asked on copies, of what neither writes nor draws.
bool lacks_gradient(const c10::OperatorHandle& op, const Values& arguments) {
  const std::vector<c10::Argument>& declared = op.schema().arguments();
  if (!at::GradMode::is_enabled() || op.hasTag(at::Tag::nondeterministic_seeded) ||
      std::any_of(declared.begin(), declared.end(), is_written))
    return false;
  const at::DisableRecordFunctionGuard unwatched;
  const DetachUnwatched unwatched_detach;
  std::vector<at::Tensor> leaves, outputs, adjoints;
  Values copies;
  for (const c10::IValue& argument : arguments)
    copies.push_back(converted(argument, [&](const at::Tensor& tensor) {
      if (!tensor.requires_grad()) return tensor;
      leaves.push_back(tensor.detach().clone().requires_grad_());
      return leaves.back();
    }));
  if (leaves.empty()) return false;
  try {
    op.callBoxed(&copies);
  } catch (const std::exception&) {
    return false;
  }
  for (const c10::IValue& result : copies)
    for (const at::Tensor& output : tensors_in(result))
      if (output.defined() && output.requires_grad()) {
        outputs.push_back(output);
        adjoints.push_back(at::zeros_like(output));
      }
  if (outputs.empty()) return false;
  try {
    c10::impl::LocalDispatchKeySet keys = c10::impl::tls_local_dispatch_key_set();
    keys.excluded_ = keys.excluded_.remove(mode_key);
    const c10::impl::ForceDispatchKeyGuard as_in_a_run(keys);
    torch::autograd::grad(outputs, leaves, adjoints, false, false, true);
    return false;
  } catch (const std::exception&) {
    return true;
  }
}

/// A call with reduced tensors: as it is or, where that throws and float32 does not, in float32.
/// What an operator says of a dtype that it lacks differs from one to the next, and from one
/// LibTorch to the next; that it computes in float32 what it refuses is what they have in common.
Values computed(const c10::OperatorHandle& op, const Values& arguments) {
  const c10::impl::ExcludeDispatchKeyGuard below(mode_key);
  const std::string name = call_name(op, arguments);
  if (missing_kernels().is_new(name) && lacks_gradient(op, arguments)) missing_kernels().add(name);
  if (missing_kernels().contains(name)) {
    try {
      return computed_in_float(op, arguments);
    } catch (const std::exception&) {
      // The call as it is says better what is wrong with it.
    }
  }
  const Written written(op.schema(), arguments);
  Values results = arguments;
  try {
    op.callBoxed(&results);
    return results;
  } catch (const std::exception&) {
    const std::exception_ptr first = std::current_exception();
    try {
      written.restore();
      results = computed_in_float(op, arguments);
    } catch (const std::exception&) {
      std::rethrow_exception(first);
    }
    missing_kernels().add(name);
    return results;
  }
}

void reduced_fallback(const c10::OperatorHandle& op, c10::DispatchKeySet keys,
                      std::vector<c10::IValue>* stack) {
  const std::vector<c10::Argument>& declared = op.schema().arguments();
  const std::size_t base = stack->size() - declared.size();
  bool reduced = false;
  for (std::size_t i = 0; i < declared.size() && !reduced; ++i)
    reduced = is_reduced(declared[i], (*stack)[base + i]);
  if (!reduced)
    return op.redispatchBoxed(keys & c10::DispatchKeySet(c10::DispatchKeySet::FULL_AFTER, mode_key),
                              stack);
  const Values arguments(stack->begin() + static_cast<std::ptrdiff_t>(base), stack->end());
  stack->resize(base);
  for (c10::IValue& result : computed(op, arguments)) stack->push_back(std::move(result));
}

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&reduced_fallback>());
}

}  // namespace

ReducedPrecisionFallback::ReducedPrecisionFallback(bool active) {
  if (active) guard_.emplace(mode_key);
}

bool ReducedPrecisionFallback::is_active() {
  return c10::impl::tls_is_dispatch_key_included(mode_key);
}

}  // namespace gradient_check
