#pragma once

#include <ATen/core/List.h>
#include <ATen/core/stack.h>

#include "gradient_check/gradient/replay/forward_tape.h"

namespace gradient_check {

/// Puts another tensor where a call's arguments have one, in a list where it lies in one.
inline void place_argument(torch::jit::Stack& arguments, const TensorSlot& slot, at::Tensor value) {
  c10::IValue& argument = arguments[slot.position];
  if (slot.element < 0) {
    argument = std::move(value);
    return;
  }
  c10::List<c10::IValue> list = argument.toList().copy();
  list.set(static_cast<std::size_t>(slot.element), std::move(value));
  argument = std::move(list);
}

/// The tensor among a call's results.
inline at::Tensor result_at(const torch::jit::Stack& results, const TensorSlot& slot) {
  const c10::IValue& result = results.at(slot.position);
  if (slot.element < 0) return result.toTensor();
  const c10::IValue element = result.toListRef().at(static_cast<std::size_t>(slot.element));
  return element.toTensor();
}

}  // namespace gradient_check
