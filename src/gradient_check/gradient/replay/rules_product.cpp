#include <ATen/TensorOperators.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/matmul.h>

#include "gradient_check/gradient/replay/rules.h"
#include "gradient_check/gradient/replay/small_product.h"

namespace gradient_check {
namespace {

/// `box` with its last dimension replaced.
Box with_last(Box box, std::int64_t start, std::int64_t size) {
  box.start.back() = start;
  box.sizes.back() = size;
  return box;
}

/// base + a · b; one outer product where their common dimension has one index.
at::Tensor add_product(const at::Tensor& base, const at::Tensor& a, const at::Tensor& b) {
  if (b.size(0) == 1) return at::addcmul(base, a, b);
  return base + at::matmul(a, b);
}

/// a [..., m, k] changed in a box, b [k, n] as recorded.
std::optional<Patch> left_moved(const at::Tensor& result, const Patch& patch, const at::Tensor& a,
                                const at::Tensor& b) {
  const Box box = patch.box();
  if (covers(box, a)) return std::nullopt;
  const Box rows = with_last(box, 0, result.size(-1));
  if (const auto small = small_left_moved(result, patch, a, b))
    return Patch{*small, rows.start, {}};
  const at::Tensor part = b.narrow(0, box.start.back(), box.sizes.back());
  return Patch{
      add_product(view_of(result, rows), patch.content - view_of(a, box), part), rows.start, {}};
}

/// b [k, n] changed in a box, a as recorded.
std::optional<Patch> right_moved(const at::Tensor& result, const Patch& patch, const at::Tensor& a,
                                 const at::Tensor& b) {
  const Box box = patch.box();
  if (covers(box, b)) return std::nullopt;
  const Box columns = with_last(whole_box(result), box.start[1], box.sizes[1]);
  if (const auto small = small_right_moved(result, patch, a, b))
    return Patch{*small, columns.start, {}};
  const at::Tensor part = view_of(a, with_last(whole_box(a), box.start[0], box.sizes[0]));
  return Patch{add_product(view_of(result, columns), part, patch.content - view_of(b, box)),
               columns.start,
               {}};
}

/// A bias [n] or [1, n], added to every row, changed in a box.
std::optional<Patch> bias_moved(const at::Tensor& result, const Patch& patch,
                                const at::Tensor& bias) {
  if (bias.dim() == 0 || bias.numel() != result.size(-1) || bias.size(-1) != bias.numel())
    return std::nullopt;
  const Box box = patch.box();
  if (covers(box, bias)) return std::nullopt;
  const Box columns = with_last(whole_box(result), box.start.back(), box.sizes.back());
  return Patch{view_of(result, columns) + (patch.content - view_of(bias, box)), columns.start, {}};
}

std::optional<Patch> product_moved(const ReplayedCall& call, std::size_t left, std::size_t right) {
  const at::Tensor &a = call.recorded(left), &b = call.recorded(right);
  if (a.dim() < 2 || b.dim() != 2) return std::nullopt;
  if (call.only_changed(left)) return left_moved(call.result(), call.patch(left), a, b);
  if (call.only_changed(right)) return right_moved(call.result(), call.patch(right), a, b);
  return std::nullopt;
}

Patch transposed(const Patch& patch) {
  return {patch.content.t(), at::DimVector{patch.start[1], patch.start[0]},
          patch.complete.defined() ? patch.complete.t() : at::Tensor()};
}

}  // namespace

std::optional<Patch> replay_matmul(const ReplayedCall& call) { return product_moved(call, 0, 1); }

std::optional<Patch> replay_linear(const ReplayedCall& call) {
  const at::Tensor &input = call.recorded(0), &weight = call.recorded(1);
  if (input.dim() < 2 || weight.dim() != 2) return std::nullopt;
  if (call.only_changed(0)) return left_moved(call.result(), call.patch(0), input, weight.t());
  if (call.only_changed(1))
    return right_moved(call.result(), transposed(call.patch(1)), input, weight.t());
  return call.only_changed(2) ? bias_moved(call.result(), call.patch(2), call.recorded(2))
                              : std::nullopt;
}

std::optional<Patch> replay_addmm(const ReplayedCall& call) {
  if (call.argument(3).toScalar().toDouble() != 1 || call.argument(4).toScalar().toDouble() != 1)
    return std::nullopt;
  if (call.only_changed(0)) return bias_moved(call.result(), call.patch(0), call.recorded(0));
  return product_moved(call, 1, 2);
}

std::optional<Patch> replay_convolution(const ReplayedCall& call) {
  const std::size_t groups = call.arguments() - 1;
  if (!call.only_changed(1) || !call.argument(groups).isInt() || call.argument(groups).toInt() != 1)
    return std::nullopt;
  const at::Tensor& weight = call.recorded(1);
  Box filters = whole_box(weight);
  filters.start[0] = call.patch(1).start[0];
  filters.sizes[0] = call.patch(1).content.size(0);
  if (covers(filters, weight)) return std::nullopt;
  torch::jit::Stack arguments = call.call().arguments;
  arguments[1] = values_within(call.patch(1), weight, filters);
  if (arguments[2].isTensor() && arguments[2].toTensor().defined())
    arguments[2] = call.recorded(2).narrow(0, filters.start[0], filters.sizes[0]);
  Box channels = whole_box(call.result());
  channels.start[channels.start.size() - static_cast<std::size_t>(weight.dim()) + 1] =
      filters.start[0];
  return Patch{call.run(std::move(arguments)), channels.start, {}};
}

}  // namespace gradient_check
