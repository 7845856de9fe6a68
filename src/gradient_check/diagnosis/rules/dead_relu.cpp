#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/training/training.h"
#include "gradient_check/diagnosis/training_finding.h"

namespace gradient_check {
namespace dead_relu {

constexpr const char* page =
    R"(Every unit of the rectifier is below 0 for every row: its output is 0, its slope is 0, and no gradient will
ever reach what lies before it. A large step, or a bias far below 0, has pushed it there.

Example:   torch.relu(x @ w + b)          with b = -100
Instead:   a smaller learning rate, biases of 0, leaky_relu or gelu
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  if (!evidence.training || evidence.training->cause != TrainingCause::dead_relu) return {};
  std::vector<Finding> findings;
  for (const StuckUnits& units : evidence.training->dead) {
    findings.push_back(training_finding(
        dead_relu_rule, evidence, units.text.empty() ? units.op : units.text,
        fmt::format(
            "{} is dead: all {} elements are 0, no gradient passes, and the loss stands still",
            units.text.empty() ? units.op : "`" + units.text + "`", units.elements),
        "biases of 0, a smaller learning rate, or leaky_relu, whose slope is never 0"));
    findings.back().place = units.place;
  }
  return findings;
}

}  // namespace dead_relu

const Rule dead_relu_rule{"dead-relu", "a rectifier gives 0 for everything, and learns no more",
                          dead_relu::page, dead_relu::check};

}  // namespace gradient_check
