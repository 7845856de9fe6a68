#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/layer.h"
#include "gradient_check/subject/library.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A layer in its place in the chain.
struct Link {
  std::unique_ptr<Layer> layer;
  std::vector<std::string> parameters;  ///< INDEX.NAME, in the order of Layer::initial_parameters
  RunningPlace place;                   ///< its text is "layer 2 (gelu)"
};

/// The layers of a case one after another, and perhaps a loss behind them.
struct LayerChain {
  std::vector<Link> links;
  std::unique_ptr<Loss> loss;  ///< null where the case has none
  RunningPlace loss_place;
  NamedTensors parameters;  ///< of all layers, in the case's dtype
};

/// Makes each layer for the output of the one before it. Parameters are drawn in that order, those
/// set in the case replaced afterwards. Throws CaseError where the chain does not fit together.
LayerChain build_chain(const Case& loaded, const LayerTables& tables);

}  // namespace gradient_check
