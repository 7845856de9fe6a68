#pragma once

#include <ATen/core/DimVector.h>
#include <ATen/core/Tensor.h>

namespace gradient_check {

/// A box of a tensor's elements: in each dimension `sizes` indices from `start` on.
struct Box {
  at::DimVector start, sizes;
};

/// What of a value differs from the recorded one: everything outside the box is as it was.
struct Patch {
  at::Tensor content;   ///< the new values of the box; undefined where nothing has changed
  at::DimVector start;  ///< the box's first index in each dimension
  at::Tensor complete;  ///< the whole new value, where it is at hand anyhow

  bool changed() const { return content.defined(); }
  Box box() const { return {start, at::DimVector(content.sizes())}; }
};

/// The whole of a tensor as a patch.
Patch whole_patch(at::Tensor value);
/// The whole of a tensor as a box.
Box whole_box(const at::Tensor& tensor);
bool covers(const Box& box, const at::Tensor& tensor);
/// The least box that holds both; they have the same number of dimensions.
Box hull(const Box& a, const Box& b);

/// A view of the box.
at::Tensor view_of(const at::Tensor& tensor, const Box& box);
/// The new value of the whole tensor whose recorded value is `base`.
at::Tensor completed(const Patch& patch, const at::Tensor& base);
/// The new values of `box`, which need not be the patch's.
at::Tensor values_within(const Patch& patch, const at::Tensor& base, const Box& box);

}  // namespace gradient_check
