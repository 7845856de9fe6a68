#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/training/training.h"
#include "gradient_check/diagnosis/training_finding.h"

namespace gradient_check {
namespace vanishing_gradient {

constexpr const char* page =
    R"(The gradient is right and hardly reaches the first layers: it is a product of one factor for each layer,
and the factors are below 1 (the slope of a sigmoid is at most 1/4). These layers do not learn.

Example:   ten layers of torch.sigmoid(x @ w) with weights near 0
Instead:   relu or gelu instead of sigmoid, initial weights scaled to the layer's width (xavier, kaiming),
           residual connections, normalised layers
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  if (!evidence.training || evidence.training->cause != TrainingCause::vanishing_gradient)
    return {};
  const auto& norms = evidence.training->gradient_norms;
  const auto smaller = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto least = std::min_element(norms.begin(), norms.end(), smaller);
  const auto most = std::max_element(norms.begin(), norms.end(), smaller);
  return {training_finding(
      vanishing_gradient_rule, evidence, least->first,
      fmt::format("the gradient of {} vanishes: its norm is {:.2g} beside {:.2g} for {}",
                  least->first, least->second, most->second, most->first),
      "another activation (relu, gelu), initial weights scaled to the width, residual "
      "connections")};
}

}  // namespace vanishing_gradient

const Rule vanishing_gradient_rule{"vanishing-gradient",
                                   "the gradient of the first layers is next to nothing",
                                   vanishing_gradient::page, vanishing_gradient::check};

}  // namespace gradient_check
