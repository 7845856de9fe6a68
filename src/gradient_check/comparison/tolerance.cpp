#include "gradient_check/comparison/tolerance.h"
#include "gradient_check/gradient/scan.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <limits>

namespace gradient_check {

double doubt_limit(const GradientSources& sources) {
  const at::ScalarType dtype =
      sources.manual_double.defined() ? at::kDouble : sources.manual.scalar_type();
  return std::max(0.1 * detection_limit(dtype), 16 * epsilon_of(dtype));
}

GradientSources sources_of(const Evaluations& evaluations, const std::string& name) {
  const auto find = [&](const Evaluation& evaluation) {
    const at::Tensor* gradient = evaluation.gradients.find(name);
    return gradient ? *gradient : at::Tensor();
  };
  const auto rounding = [&](const Rounding& narrow) {
    const auto found = narrow.gradients.find(name);
    return found == narrow.gradients.end() ? GradientRounding{} : found->second;
  };
  GradientSources sources{find(evaluations.manual),      find(evaluations.manual_double),
                          find(evaluations.autograd),    {},
                          rounding(evaluations.in_case), rounding(evaluations.in_float)};
  if (const auto found = evaluations.extents.find(name); found != evaluations.extents.end())
    sources.extent = found->second;
  // Code that ignores the dtype it is given says nothing in float64.
  if (sources.manual_double.defined() && sources.manual_double.scalar_type() != at::kDouble)
    sources.manual_double = at::Tensor();
  return sources;
}

Tolerances tolerances_of(const Evaluations& evaluations, const GradientSources& sources,
                         const CheckOptions& options) {
  Tolerances tolerances = measure_tolerances(sources, evaluations.dtype, evaluations.manner.unit,
                                             evaluations.largest_gradient, options);
  // A gradient that vanishes beside the others is rounding, of which float32 may show none.
  if (sources.extent.largest < 1e-9 * evaluations.largest_gradient) {
    double rounding = 0;
    for (const auto& [other, gradient] : evaluations.in_float.gradients)
      rounding = std::max(rounding, gradient.largest * (0x1p-52 / 0x1p-23));
    tolerances.formula += rounding;
    tolerances.reference += rounding;
  }
  return tolerances;
}

Tolerances measure_tolerances(const GradientSources& sources, at::ScalarType dtype, double unit,
                              double overall, const CheckOptions& options) {
  const double largest = sources.extent.largest;
  const double promised = detection_limit(dtype) * largest;
  const double case_unit = epsilon_of(dtype);

  // Rounding in float64: what float32 shows, scaled down; 32 covers another order of operations.
  const double amplified = sources.in_float.largest * (0x1p-52 / 0x1p-23);
  const double narrowed = unit > 0x1p-52 ? 16 * unit * overall : 0;
  const double double_rounding = 32 * amplified + 0x1p-48 * overall + narrowed;
  const double case_rounding = 8 * sources.in_case.largest + 4 * case_unit * largest;

  Tolerances tolerances;
  tolerances.rtol = options.rtol;
  tolerances.atol = options.atol;
  tolerances.overall = overall;
  tolerances.promised = promised;
  // A difference divides the rounding by its step: it suffers more from it than autograd does.
  tolerances.reference = 4 * double_rounding + 1e-9 * largest;
  // A formula may be off by less than the dtype can show, and never by what we promise to catch.
  const double material = dtype == at::kDouble  ? 0.1 * promised
                          : dtype == at::kFloat ? 0.01 * promised
                                                : 4 * case_unit * largest;
  tolerances.formula = double_rounding + material;
  tolerances.rounding = case_rounding + case_unit * overall;
  return tolerances;
}

}  // namespace gradient_check
