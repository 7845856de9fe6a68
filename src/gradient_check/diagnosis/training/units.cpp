#include "gradient_check/diagnosis/training/units.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/tape/expression_text.h"
#include "gradient_check/diagnosis/tape/values.h"

namespace gradient_check {
namespace {

constexpr double flat_slope = 1e-4;
constexpr double nearly_all = 0.95;

bool may_rectify(const std::string& name) {
  static const std::set<std::string> names{"relu",    "clamp_min", "clamp", "threshold",
                                           "maximum", "where",     "mul",   "relu6"};
  return names.count(name) != 0;
}

/// The operations of the forward for which `wanted` holds, with their values.
TapedEvaluation forward_with(const TapePoint& point,
                             const std::function<bool(const Operation&)>& wanted) {
  const TapedEvaluation survey = tape_autograd(point, {});
  std::set<std::size_t> keep;
  for (std::size_t i = 0; i < survey.tape.operations.size(); ++i)
    if (wanted(survey.tape.operations[i])) keep.insert(i);
  TapedEvaluation kept = tape_autograd(point, keep);
  return same_operations(kept.tape, survey.tape) ? std::move(kept) : TapedEvaluation();
}

StuckUnits units_of(const Operation& operation) {
  StuckUnits units;
  units.op = operation.name;
  units.elements = operation.output.numel();
  if (!operation.place) return units;
  units.place = operation.place->place;
  units.text = on_one_line(operation.place->text);
  if (!operation.place->operation.empty()) units.op = operation.place->operation;
  return units;
}

bool is_dead(const Operation& operation) {
  const std::vector<double> output = elements_of(operation.output);
  if (output.size() < 2 ||
      std::any_of(output.begin(), output.end(), [](double x) { return x != 0; }))
    return false;
  // 0 because what it was given is nowhere above 0, and not 0 everywhere.
  for (const at::Tensor& tensor : tensors_of(operation.arguments)) {
    if (!tensor.is_floating_point() || tensor.sizes() != operation.output.sizes()) continue;
    const std::vector<double> given = elements_of(tensor);
    if (std::all_of(given.begin(), given.end(), [](double x) { return x <= 0; }) &&
        std::any_of(given.begin(), given.end(), [](double x) { return x < 0; }))
      return true;
  }
  return false;
}

/// The derivative of a squashing function, by its value; NaN where the operation is none.
double slope_at(const Operation& operation, double value) {
  if (operation.name == "sigmoid") return value * (1 - value);
  if (operation.name == "tanh") return 1 - value * value;
  return std::nan("");
}

}  // namespace

std::vector<StuckUnits> dead_units(const TapePoint& point) {
  std::vector<StuckUnits> found;
  const TapedEvaluation taped =
      forward_with(point, [](const Operation& operation) { return may_rectify(operation.name); });
  for (const Operation& operation : taped.tape.operations) {
    if (!operation.kept || !is_dead(operation)) continue;
    found.push_back(units_of(operation));
    found.back().stuck = found.back().elements;
  }
  return found;
}

std::vector<StuckUnits> saturated_units(const TapePoint& point) {
  std::vector<StuckUnits> found;
  const TapedEvaluation taped = forward_with(point, [](const Operation& operation) {
    return operation.name == "sigmoid" || operation.name == "tanh";
  });
  for (const Operation& operation : taped.tape.operations) {
    if (!operation.kept) continue;
    StuckUnits units = units_of(operation);
    for (const double value : elements_of(operation.output))
      if (slope_at(operation, value) < flat_slope) ++units.stuck;
    if (units.elements > 0 &&
        static_cast<double>(units.stuck) >= nearly_all * static_cast<double>(units.elements))
      found.push_back(std::move(units));
  }
  return found;
}

}  // namespace gradient_check
