#pragma once

#include <ATen/core/grad_mode.h>
#include <ATen/core/stack.h>
#include <ATen/ops/aminmax.h>
#include <ATen/ops/diff.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "gradient_check/python/runtime/raised.h"
#include "gradient_check/python/runtime/tensor/operator_table.h"

namespace gradient_check::python {

/// What LibTorch takes as it comes, in one of its versions at least, and uses as an index into
/// memory: such arguments of listed operators are checked here, before the call.
class ArgumentCheck {
 public:
  ArgumentCheck(const Overload& overload, const torch::jit::Stack& stack)
      : overload_(overload), stack_(stack) {}

  void ctc_loss() const {
    const at::Tensor probabilities = tensor("log_probs");
    if (probabilities.dim() < 2 || probabilities.size(0) == 0) return;
    need(within(tensor("targets"), 0, probabilities.size(-1) - 1), "targets");
    need(lengths_within("input_lengths", 1, probabilities.size(0)), "input_lengths");
    const at::Tensor targets = tensor("targets");
    need(lengths_within("target_lengths", 0, targets.numel()), "target_lengths");
  }
  void fractional_max_pool() const {
    const at::Tensor samples = tensor("random_samples");
    if (!samples.defined() || samples.numel() == 0) return;
    const auto [least, most] = at::aminmax(samples);
    // Not the other way round: a NaN is refused.
    need(least.item<double>() >= 0 && most.item<double>() < 1, "random_samples");
  }
  void searchsorted() const {
    const at::Tensor sorter = tensor("sorter");
    if (sorter.defined() && sorter.dim() > 0)
      need(within(sorter, 0, sorter.size(-1) - 1), "sorter");
  }
  void segment_reduce() const {
    const c10::IValue* unsafe = argument("unsafe");
    need(!unsafe || !unsafe->isBool() || !unsafe->toBool(), "unsafe");
    need(!tensor("indices").defined(), "indices");
    const at::Tensor offsets = tensor("offsets"), data = tensor("data");
    const c10::IValue* axis = argument("axis");
    if (!offsets.defined() || !axis || !axis->isInt()) return;
    const std::int64_t dimension = axis->toInt() < 0 ? axis->toInt() + data.dim() : axis->toInt();
    if (dimension < 0 || dimension >= data.dim()) return;  // is refused anyway
    need(offsets.dim() > 0 && within(offsets, 0, data.size(dimension)), "offsets");
    need(offsets.size(-1) < 2 || at::diff(offsets).ge(0).all().item<bool>(), "offsets");
  }
  void embedding_bag() const {
    const at::Tensor offsets = tensor("offsets"), indices = tensor("indices");
    if (!offsets.defined() || !indices.defined() || offsets.dim() != 1) return;
    need(within(offsets, 0, indices.numel()), "offsets");
    need(offsets.numel() < 2 || at::diff(offsets).ge(0).all().item<bool>(), "offsets");
  }
  /// LAPACK exchanges rows by pivots; negative ones come in pairs, for blocks of two rows.
  void ldl_solve() const {
    const at::Tensor pivots = tensor("pivots").to(at::kLong).contiguous();
    if (pivots.dim() == 0 || pivots.numel() == 0) return;
    const std::int64_t n = pivots.size(-1);
    const std::int64_t* data = pivots.data_ptr<std::int64_t>();
    for (std::int64_t begin = 0; begin < pivots.numel(); begin += n)
      for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t pivot = data[begin + i];
        need(pivot != 0 && pivot <= n && pivot >= -n, "pivots");
        if (pivot > 0) continue;
        ++i;
        need(i < n && data[begin + i] < 0 && data[begin + i] >= -n, "pivots");
      }
  }

 private:
  const c10::IValue* argument(std::string_view name) const {
    for (std::size_t i = 0; i < overload_.parameters.size(); ++i)
      if (overload_.parameters[i].name == name) return &stack_[i];
    return nullptr;
  }
  at::Tensor tensor(std::string_view name) const {
    const c10::IValue* value = argument(name);
    return value && value->isTensor() ? value->toTensor().detach() : at::Tensor();
  }
  static bool within(const at::Tensor& indices, std::int64_t least, std::int64_t most) {
    if (!indices.defined() || indices.numel() == 0) return true;
    if (!at::isIntegralType(indices.scalar_type(), false)) return true;  // is refused anyway
    const auto [low, high] = at::aminmax(indices);
    return low.item<std::int64_t>() >= least && high.item<std::int64_t>() <= most;
  }
  bool lengths_within(std::string_view name, std::int64_t least, std::int64_t most) const {
    const c10::IValue* value = argument(name);
    if (!value || !value->isIntList()) return within(tensor(name), least, most);
    const auto lengths = value->toIntVector();
    return std::all_of(lengths.begin(), lengths.end(),
                       [&](std::int64_t length) { return length >= least && length <= most; });
  }
  void need(bool holds, const char* name) const {
    if (!holds)
      value_error("{}(): '{}' is out of range", overload_.handle.schema().name().substr(6), name);
  }

  const Overload& overload_;
  const torch::jit::Stack& stack_;
};

/// Raises ValueError where such an argument would lead outside.
inline void check_arguments(const OperatorSet& operators, const Overload& overload,
                            const torch::jit::Stack& stack) {
  struct Row {
    const OperatorSet* operators;
    void (ArgumentCheck::*check)() const;
  };
  static const std::array rows{
      Row{find_operator("ctc_loss"), &ArgumentCheck::ctc_loss},
      Row{find_operator("fractional_max_pool2d"), &ArgumentCheck::fractional_max_pool},
      Row{find_operator("fractional_max_pool3d"), &ArgumentCheck::fractional_max_pool},
      Row{find_operator("searchsorted"), &ArgumentCheck::searchsorted},
      Row{find_operator("segment_reduce"), &ArgumentCheck::segment_reduce},
      Row{find_operator("embedding_bag"), &ArgumentCheck::embedding_bag},
      Row{find_operator("linalg_ldl_solve"), &ArgumentCheck::ldl_solve}};
  for (const Row& row : rows)
    if (row.operators == &operators) {
      const at::DisableRecordFunctionGuard unseen;  // it is no part of the program
      const at::NoGradGuard no_grad;
      (ArgumentCheck(overload, stack).*row.check)();
    }
}

}  // namespace gradient_check::python
