#include "gradient_check/subject/resolved.h"

namespace gradient_check {

at::Tensor resolved(const at::Tensor& tensor) {
  if (!tensor.defined()) return tensor;
  if (tensor.layout() != at::kStrided) return tensor.to_dense();
  if (tensor._is_zerotensor()) return tensor.clone();
  return tensor.resolve_conj().resolve_neg();
}

}  // namespace gradient_check
