#include "gradient_check/gradient/replay/patch.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/as_strided.h>

#include <algorithm>

namespace gradient_check {

Patch whole_patch(at::Tensor value) {
  Patch patch{value, at::DimVector(static_cast<std::size_t>(value.dim()), 0), value};
  return patch;
}

Box whole_box(const at::Tensor& tensor) {
  return {at::DimVector(static_cast<std::size_t>(tensor.dim()), 0), at::DimVector(tensor.sizes())};
}

bool covers(const Box& box, const at::Tensor& tensor) {
  return at::IntArrayRef(box.sizes) == tensor.sizes();
}

Box hull(const Box& a, const Box& b) {
  Box both = a;
  for (std::size_t d = 0; d < a.start.size(); ++d) {
    both.start[d] = std::min(a.start[d], b.start[d]);
    both.sizes[d] = std::max(a.start[d] + a.sizes[d], b.start[d] + b.sizes[d]) - both.start[d];
  }
  return both;
}

at::Tensor view_of(const at::Tensor& tensor, const Box& box) {
  std::int64_t offset = tensor.storage_offset();
  for (std::size_t d = 0; d < box.start.size(); ++d)
    offset += box.start[d] * tensor.stride(static_cast<std::int64_t>(d));
  return at::as_strided(tensor, box.sizes, tensor.strides(), offset);
}

at::Tensor completed(const Patch& patch, const at::Tensor& base) {
  if (!patch.changed()) return base;
  if (patch.complete.defined()) return patch.complete;
  const Box box = patch.box();
  if (covers(box, base)) return patch.content;
  // clone() of an expanded tensor gives its elements memory of their own.
  at::Tensor complete = base.clone(at::MemoryFormat::Contiguous);
  view_of(complete, box).copy_(patch.content);
  return complete;
}

at::Tensor values_within(const Patch& patch, const at::Tensor& base, const Box& box) {
  if (!patch.changed()) return view_of(base, box);
  if (patch.complete.defined()) return view_of(patch.complete, box);
  if (patch.start == box.start && patch.content.sizes() == at::IntArrayRef(box.sizes))
    return patch.content;
  at::Tensor values = view_of(base, box).clone(at::MemoryFormat::Contiguous);
  Box in_box = patch.box(), in_patch = in_box;
  for (std::size_t d = 0; d < box.start.size(); ++d) {
    const std::int64_t first = std::max(patch.start[d], box.start[d]);
    const std::int64_t size =
        std::min(patch.start[d] + patch.content.size(static_cast<std::int64_t>(d)),
                 box.start[d] + box.sizes[d]) -
        first;
    if (size <= 0) return values;
    in_box.start[d] = first - box.start[d];
    in_patch.start[d] = first - patch.start[d];
    in_box.sizes[d] = in_patch.sizes[d] = size;
  }
  view_of(values, in_box).copy_(view_of(patch.content, in_patch));
  return values;
}

}  // namespace gradient_check
