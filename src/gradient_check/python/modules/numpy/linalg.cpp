#include <ATen/ops/det.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_cholesky_ex.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_inv_ex.h>
#include <ATen/ops/linalg_pinv.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/ne.h>

#include "gradient_check/python/modules/numpy/numpy_table.h"
#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

at::Tensor matrix_of(Interpreter& interpreter, const Value& value, bool is_square) {
  at::Tensor matrix = to_array(interpreter, value);
  if (category(matrix.scalar_type()) < 2) matrix = matrix.to(at::kDouble);
  if (matrix.dim() < 2)
    raise(ErrorKind::LinAlgError,
          "{}-dimensional array given. Array must be at least two-dimensional", matrix.dim());
  if (is_square && matrix.size(-1) != matrix.size(-2))
    raise_text(ErrorKind::LinAlgError, "Last 2 dimensions of the array must be square");
  return matrix;
}

void check_regular(const at::Tensor& info) {
  if (at::ne(info, 0).any().item().toBool()) raise_text(ErrorKind::LinAlgError, "Singular matrix");
}

Value linalg_inv(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("inv", "a", arguments);
  return guarded([&] {
    const auto [inverse, info] = at::linalg_inv_ex(matrix_of(interpreter, parameters[0], true));
    check_regular(info);
    return array_value(inverse.contiguous());
  });
}
Value linalg_det(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("det", "a", arguments);
  return guarded(
      [&] { return result_value(at::det(matrix_of(interpreter, parameters[0], true))); });
}
Value linalg_solve(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("solve", "a, b", arguments);
  return guarded([&] {
    const at::Tensor a = matrix_of(interpreter, parameters[0], true);
    const at::Tensor b = to_array(interpreter, parameters[1]).to(a.scalar_type());
    check_regular(std::get<1>(at::linalg_inv_ex(a)));
    return array_value(at::linalg_solve(a, b).contiguous());
  });
}
Value linalg_svd(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("svd", "a, full_matrices=, compute_uv=", arguments);
  return guarded([&]() -> Value {
    const at::Tensor a = matrix_of(interpreter, parameters[0], false);
    const bool full = !parameters.has(1) || parameters[1].as_boolean();
    const auto [u, s, v] = at::linalg_svd(a, full);
    if (parameters.has(2) && !parameters[2].as_boolean()) return array_value(s);
    return make<Tuple>(std::vector{array_value(u), array_value(s), array_value(v)});
  });
}
Value linalg_pinv(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("pinv", "a, rcond=", arguments);
  return guarded([&] {
    const double bound = parameters.has(1) ? parameters.real(1) : 1e-15;
    return array_value(at::linalg_pinv(matrix_of(interpreter, parameters[0], false), bound));
  });
}
Value linalg_qr(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("qr", "a, mode=", arguments);
  return guarded([&]() -> Value {
    const std::string mode = parameters.has(1) ? parameters.text(1) : "reduced";
    const auto [q, r] = at::linalg_qr(matrix_of(interpreter, parameters[0], false), mode);
    return make<Tuple>(std::vector{array_value(q), array_value(r)});
  });
}
Value linalg_eigh(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("eigh", "a", arguments);
  return guarded([&]() -> Value {
    const auto [values, vectors] = at::linalg_eigh(matrix_of(interpreter, parameters[0], true));
    return make<Tuple>(std::vector{array_value(values), array_value(vectors)});
  });
}
Value linalg_cholesky(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("cholesky", "a", arguments);
  return guarded([&] {
    const auto [factor, info] = at::linalg_cholesky_ex(matrix_of(interpreter, parameters[0], true));
    if (at::ne(info, 0).any().item().toBool())
      raise_text(ErrorKind::LinAlgError, "Matrix is not positive definite");
    return array_value(factor.contiguous());
  });
}

constexpr NativeRow linalg_rows[] = {
    {"inv", linalg_inv},   {"det", linalg_det},           {"solve", linalg_solve},
    {"svd", linalg_svd},   {"pinv", linalg_pinv},         {"qr", linalg_qr},
    {"eigh", linalg_eigh}, {"cholesky", linalg_cholesky},
};

}  // namespace

std::span<const NativeRow> numpy_linalg() { return linalg_rows; }

}  // namespace gradient_check::python
