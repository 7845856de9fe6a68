#include "gradient_check/gradient/short_mantissa.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/ops/view_as_real.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace {

constexpr int full_mantissa = 53;

thread_local int bits_here = full_mantissa;  ///< of the innermost ShortMantissa of this thread

double shortened(double x, int bits) {
  constexpr std::uint64_t exponent = 0x7ff0000000000000U;
  std::uint64_t pattern = 0;
  std::memcpy(&pattern, &x, sizeof x);
  if ((pattern & exponent) == exponent) return x;  // nan, or infinite
  const int dropped = full_mantissa - bits;
  const std::uint64_t unit = std::uint64_t{1} << static_cast<unsigned>(dropped);
  pattern += unit / 2 - 1 + ((pattern >> static_cast<unsigned>(dropped)) & 1U);
  pattern &= ~(unit - 1);
  std::memcpy(&x, &pattern, sizeof x);
  return x;
}

void shorten(double* data, std::int64_t count, int bits) {
  for (std::int64_t i = 0; i < count; ++i) data[i] = shortened(data[i], bits);
}

/// Elements in memory, without a new version: autograd has saved what it needs of them as they are.
void shorten_in_place(const at::Tensor& made, int bits) {
  const int width = made.is_complex() ? 2 : 1;
  if (made.is_non_overlapping_and_dense()) {
    shorten(static_cast<double*>(made.data_ptr()), width * made.numel(), bits);
    return;
  }
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  const at::Tensor same = made.variable_data();
  same.copy_(with_short_mantissa(same, bits));
}

bool is_double(const at::Tensor& tensor) {
  return tensor.defined() && tensor.layout() == at::kStrided && tensor.is_cpu() &&
         tensor.has_storage() && tensor.numel() > 0 && !tensor._is_zerotensor() &&
         (tensor.scalar_type() == at::kDouble || tensor.scalar_type() == at::kComplexDouble);
}

/// The memory that an operation is given.
struct GivenMemory : at::ObserverContext {
  std::vector<const void*> storages;
  double size_of_first = 0;  ///< the largest |element| of the first argument, where it is asked for
  void add(const c10::IValue& value) {
    if (value.isTensor() && value.toTensor().defined() && value.toTensor().has_storage())
      storages.push_back(value.toTensor().storage().unsafeGetStorageImpl());
    if (value.isTensorList())
      for (const at::Tensor& tensor : value.toTensorVector()) add(tensor);
  }
  bool holds(const at::Tensor& tensor) const {
    return std::find(storages.begin(), storages.end(), tensor.storage().unsafeGetStorageImpl()) !=
           storages.end();
  }
};

/// Whether an operation adds terms of size 1 inside, the rounding of which none of its arguments
/// shows: the normal distribution's tail as 1 + erf.
bool adds_within(const std::string& name) { return name.find("gelu") != std::string::npos; }

std::unique_ptr<at::ObserverContext> note_memory(const at::RecordFunction& function) {
  auto given = std::make_unique<GivenMemory>();
  const std::vector<c10::IValue> inputs = own_inputs(function);
  for (const c10::IValue& input : inputs) given->add(input);
  if (adds_within(function.name()) && !inputs.empty() && inputs[0].isTensor())
    given->size_of_first = largest_magnitude(inputs[0].toTensor());
  return given;
}

/// Leaves of every element of a contiguous tensor what a sum of terms of size `size` would.
void shorten_as_sum(const at::Tensor& made, double size, int bits) {
  const double padding = 1.5 * std::exp2(std::ceil(std::log2(size)) + full_mantissa - bits - 1);
  auto* const data = static_cast<double*>(made.data_ptr());
  for (std::int64_t i = 0; i < made.numel(); ++i) {
    const volatile double sum = data[i] + padding;
    data[i] = sum - padding;
  }
}

/// A view hands on what it was given; what writes in place makes it anew.
void shorten_results(const at::RecordFunction& function, at::ObserverContext* context) {
  const at::DisableRecordFunctionGuard unwatched;
  const auto& given = static_cast<const GivenMemory&>(*context);
  const std::string name = function.name();
  const bool in_place = !name.empty() && name.back() == '_';
  const auto shorten_one = [&](const at::Tensor& made) {
    if (!is_double(made) || (!in_place && given.holds(made))) return;
    if (given.size_of_first > 0 && made.is_contiguous() && !made.is_complex())
      shorten_as_sum(made, given.size_of_first, bits_here);
    else
      shorten_in_place(made, bits_here);
  };
  for (const c10::IValue& output : own_outputs(function)) {
    if (output.isTensor()) shorten_one(output.toTensor());
    if (output.isTensorList())
      for (const at::Tensor& tensor : output.toTensorVector()) shorten_one(tensor);
  }
}

}  // namespace

at::Tensor with_short_mantissa(const at::Tensor& x, int bits) {
  const at::Tensor copy = x.detach().clone(at::MemoryFormat::Contiguous);
  if (is_double(copy))
    shorten(static_cast<double*>(copy.data_ptr()), (copy.is_complex() ? 2 : 1) * copy.numel(),
            bits);
  return copy;
}

ShortMantissa::ShortMantissa(int bits) : previous_(bits_here) {
  bits_here = bits;
  callback_ =
      std::make_unique<OperationCallback>(at::RecordFunctionCallback(&note_memory, &shorten_results)
                                              .needsInputs(true)
                                              .needsOutputs(true)
                                              .scopes({at::RecordScope::FUNCTION}));
}

ShortMantissa::~ShortMantissa() {
  callback_.reset();
  bits_here = previous_;
}

}  // namespace gradient_check
