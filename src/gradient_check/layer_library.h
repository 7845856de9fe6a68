#pragma once

#include <deque>
#include <utility>

#include "gradient_check/subject/layer.h"

namespace gradient_check {

/// What GRADIENT_CHECK_LIBRARY fills: layers and losses for the "layers" and "loss" of case files.
class LayerLibrary {
 public:
  /// A name may not be that of another layer (or loss): "my::squared_relu" is safe from ours.
  void add(LayerType type) { layers_.push_back(std::move(type)); }
  void add(LossType type) { losses_.push_back(std::move(type)); }

  const std::deque<LayerType>& layers() const { return layers_; }
  const std::deque<LossType>& losses() const { return losses_; }

 private:
  std::deque<LayerType> layers_;
  std::deque<LossType> losses_;
};

/// Counts the layouts that layer.h and option_spec.h have had. A library that was built for another
/// one is refused.
constexpr int layer_interface = 1;

}  // namespace gradient_check

/// Written once in a shared library that `gradient-check --load` (or load_library) is given:
///
///     GRADIENT_CHECK_LIBRARY(library) {
///       library.add(LayerType{"my::squared_relu", {number_option("scale", 1)},
///       make_squared_relu});
///     }
///
/// The library needs this header and LibTorch (CMake: gradient_check::layers), and not our code.
#define GRADIENT_CHECK_LIBRARY(library)                                                    \
  extern "C" __attribute__((visibility("default"))) int gradient_check_layer_interface() { \
    return gradient_check::layer_interface;                                                \
  }                                                                                        \
  extern "C" __attribute__((visibility("default"))) void gradient_check_register_layers(   \
      gradient_check::LayerLibrary& library)
