#include "gradient_check/diagnosis/training/batches.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/randperm.h>

#include <algorithm>

namespace gradient_check {

Batches::Batches(const NamedTensors& inputs, const TrainOptions& options)
    : inputs_(inputs),
      shuffle_(options.shuffle),
      generator_(at::detail::createCPUGenerator(options.shuffle_seed)) {
  for (const auto& [name, tensor] : inputs)
    if (rows_ == 0 && tensor.dim() > 0) rows_ = tensor.size(0);
  batch_ = options.batch_size == 0 ? rows_ : std::min(options.batch_size, rows_);
  at_ = rows_;
}

void Batches::begin_pass() {
  at_ = 0;
  if (shuffle_) order_ = at::randperm(rows_, generator_, at::TensorOptions().dtype(at::kLong));
}

Batches Batches::copy() const {
  Batches other = *this;
  other.generator_ = generator_.clone();
  return other;
}

NamedTensors Batches::next() {
  if (rows_ == 0 || (batch_ == rows_ && !shuffle_)) return inputs_;
  if (at_ >= rows_) begin_pass();
  const std::int64_t count = std::min(batch_, rows_ - at_);
  NamedTensors cut;
  for (const auto& [name, tensor] : inputs_) {
    const bool has_rows = tensor.dim() > 0 && tensor.size(0) == rows_;
    cut.set(name, !has_rows  ? tensor
                  : shuffle_ ? tensor.index_select(0, order_.narrow(0, at_, count))
                             : tensor.narrow(0, at_, count));
  }
  at_ += count;
  return cut;
}

}  // namespace gradient_check
