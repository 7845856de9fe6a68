#include "gradient_check/gradient/replay/moved_product.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <vector>

#include "gradient_check/gradient/parallel.h"
#include "gradient_check/gradient/thread_count.h"

namespace gradient_check {
namespace {

constexpr std::int64_t large_from = 1 << 16;  ///< elements
/// Of a part, along the matrix's rows and across them: a quarter of a megabyte, which stays in the
/// cache with what it is multiplied by and added to, in runs that memory hands out fast.
constexpr std::int64_t along_rows = 512, across_rows = 64;

/// A part of the matrix at t, in `room`.
at::Tensor moved_part(const at::Tensor& room, const at::Tensor& matrix, const LineStep& step,
                      double t, std::array<std::int64_t, 2> start,
                      std::array<std::int64_t, 2> sizes) {
  auto* const to = room.data_ptr<double>();
  for (std::int64_t row = 0; row < sizes[0]; ++row)
    move_run(to + row * sizes[1], matrix, step, t, (start[0] + row) * matrix.size(1) + start[1],
             sizes[1]);
  return room.narrow(0, 0, sizes[0] * sizes[1]).view(sizes);
}

/// The index into `inputs` of the tensor given as that argument.
std::optional<std::size_t> input_at(const RecordedCall& call, std::size_t position) {
  for (std::size_t i = 0; i < call.inputs.size(); ++i)
    if (call.inputs[i].position == position && call.inputs[i].element < 0) return i;
  return std::nullopt;
}

bool is_one(const c10::IValue& number) { return number.toScalar().toDouble() == 1; }

}  // namespace

std::optional<ProductOperands> product_of(const RecordedCall& call) {
  const std::string& name = call.operation.operator_name().name;
  const bool is_addmm = name == "aten::addmm", is_linear = name == "aten::linear";
  if (!is_addmm && !is_linear && name != "aten::mm" && name != "aten::matmul") return std::nullopt;
  if (is_addmm && (!is_one(call.arguments[3]) || !is_one(call.arguments[4]))) return std::nullopt;
  const std::size_t first = is_addmm ? 1 : 0;
  const auto left = input_at(call, first), right = input_at(call, first + 1);
  if (!left || !right) return std::nullopt;
  ProductOperands operands{*left, *right, std::nullopt, is_linear};
  if (is_addmm) operands.added = input_at(call, 0);
  if (is_linear) operands.added = input_at(call, 2);
  return operands;
}

bool moves_in_parts(const at::Tensor& matrix) {
  return matrix.dim() == 2 && matrix.numel() >= large_from && matrix.is_contiguous() &&
         matrix.scalar_type() == at::kDouble;
}

at::Tensor moved_product(const at::Tensor& left, const at::Tensor& matrix, const LineStep& step,
                         double t, bool transposed) {
  const std::int64_t k = matrix.size(transposed ? 1 : 0), n = matrix.size(transposed ? 0 : 1);
  std::vector<std::int64_t> sizes = left.sizes().vec();
  sizes.back() = n;
  const at::Tensor rows = left.reshape({-1, k});
  const at::Tensor result = at::zeros({rows.size(0), n}, rows.options());
  const auto workers = static_cast<std::int64_t>(thread_count());
  const std::int64_t share = std::max(across_rows, (n + workers - 1) / workers);
  const std::int64_t width = std::min(transposed ? across_rows : along_rows, share);
  const std::int64_t depth = transposed ? along_rows : across_rows;
  std::vector<at::Tensor> room(thread_count());
  parallel_items((n + width - 1) / width, 1, [&](std::size_t worker, std::int64_t item) {
    if (!room[worker].defined()) room[worker] = at::empty({width * depth}, rows.options());
    const std::int64_t column = item * width, columns = std::min(width, n - column);
    at::Tensor sum = result.narrow(1, column, columns);
    for (std::int64_t row = 0; row < k; row += depth) {
      const std::int64_t height = std::min(depth, k - row);
      const at::Tensor part =
          transposed
              ? moved_part(room[worker], matrix, step, t, {column, row}, {columns, height}).t()
              : moved_part(room[worker], matrix, step, t, {row, column}, {height, columns});
      at::addmm_out(sum, sum, rows.narrow(1, row, height), part);
    }
  });
  return result.view(sizes);
}

}  // namespace gradient_check
