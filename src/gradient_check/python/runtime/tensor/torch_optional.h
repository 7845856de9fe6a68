#pragma once

#include <torch/csrc/api/include/torch/version.h>

#if TORCH_VERSION_MAJOR >= 2 && TORCH_VERSION_MINOR >= 5
#include <optional>
#else
#include <c10/util/Optional.h>
#endif

namespace gradient_check::python {

/// LibTorch's own optional before it took std's.
#if TORCH_VERSION_MAJOR >= 2 && TORCH_VERSION_MINOR >= 5
template <typename T>
using TorchOptional = std::optional<T>;
#else
template <typename T>
using TorchOptional = c10::optional<T>;
#endif

}  // namespace gradient_check::python
