#pragma once

#include <c10/util/intrusive_ptr.h>
#include <torch/csrc/autograd/function.h>

#include <memory>
#include <type_traits>
#include <utility>

namespace gradient_check {

/// A node of autograd's graph, counted as this LibTorch counts them: by std::shared_ptr, since 2.14
/// by c10::intrusive_ptr.
template <typename Node, typename... Arguments>
auto make_node(Arguments&&... arguments) {
  if constexpr (std::is_base_of_v<c10::intrusive_ptr_target, Node>)
    return c10::make_intrusive<Node>(std::forward<Arguments>(arguments)...);
  else
    return std::make_shared<Node>(std::forward<Arguments>(arguments)...);
}

}  // namespace gradient_check
