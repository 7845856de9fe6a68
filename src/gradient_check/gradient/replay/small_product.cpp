#include "gradient_check/gradient/replay/small_product.h"

#include <ATen/ops/empty.h>

#include <array>

namespace gradient_check {
namespace {

constexpr std::int64_t most_work = 1 << 13, most_changed = 256;

/// A matrix, or a part of one, in memory.
struct Matrix {
  const double* data;
  std::int64_t row_stride, column_stride;

  explicit Matrix(const at::Tensor& tensor, std::int64_t row = 0, std::int64_t column = 0)
      : data(tensor.data_ptr<double>() + row * tensor.stride(0) + column * tensor.stride(1)),
        row_stride(tensor.stride(0)),
        column_stride(tensor.stride(1)) {}
  double operator()(std::int64_t row, std::int64_t column) const {
    return data[row * row_stride + column * column_stride];
  }
};

bool is_matrix(const at::Tensor& tensor) {
  return tensor.dim() == 2 && tensor.scalar_type() == at::kDouble;
}

/// What the patch adds to the recorded matrix, row by row.
std::array<double, most_changed> change_of(const Patch& patch, const at::Tensor& recorded) {
  std::array<double, most_changed> change;
  const Matrix now(patch.content), before(recorded, patch.start[0], patch.start[1]);
  const std::int64_t rows = patch.content.size(0), columns = patch.content.size(1);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      change[static_cast<std::size_t>(i * columns + j)] = now(i, j) - before(i, j);
  return change;
}

bool fits(const Patch& patch, const at::Tensor& result, const at::Tensor& other,
          std::int64_t other_size) {
  return is_matrix(result) && is_matrix(other) && is_matrix(patch.content) &&
         patch.content.numel() <= most_changed && patch.content.numel() * other_size <= most_work;
}

}  // namespace

std::optional<at::Tensor> small_left_moved(const at::Tensor& result, const Patch& patch,
                                           const at::Tensor& a, const at::Tensor& b) {
  const std::int64_t columns = result.dim() == 2 ? result.size(1) : 0;
  if (!fits(patch, result, b, columns)) return std::nullopt;
  const std::int64_t rows = patch.content.size(0), inner = patch.content.size(1);
  const auto change = change_of(patch, a);
  const Matrix before(result, patch.start[0]), right(b, patch.start[1]);
  at::Tensor moved = at::empty({rows, columns}, at::kDouble);
  double* out = moved.data_ptr<double>();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j, ++out) {
      *out = before(i, j);
      for (std::int64_t k = 0; k < inner; ++k)
        *out += change[static_cast<std::size_t>(i * inner + k)] * right(k, j);
    }
  return moved;
}

std::optional<at::Tensor> small_right_moved(const at::Tensor& result, const Patch& patch,
                                            const at::Tensor& a, const at::Tensor& b) {
  const std::int64_t rows = result.dim() == 2 ? result.size(0) : 0;
  if (!fits(patch, result, a, rows)) return std::nullopt;
  const std::int64_t inner = patch.content.size(0), columns = patch.content.size(1);
  const auto change = change_of(patch, b);
  const Matrix before(result, 0, patch.start[1]), left(a, 0, patch.start[0]);
  at::Tensor moved = at::empty({rows, columns}, at::kDouble);
  double* out = moved.data_ptr<double>();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j, ++out) {
      *out = before(i, j);
      for (std::int64_t k = 0; k < inner; ++k)
        *out += left(i, k) * change[static_cast<std::size_t>(k * columns + j)];
    }
  return moved;
}

}  // namespace gradient_check
