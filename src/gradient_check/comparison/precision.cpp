#include "gradient_check/comparison/precision.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/gradient/dtype_limits.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace {

/// The error that the case's dtype itself causes: what autograd shows in it, and what is lost where
/// a value underflows on the way; any, where autograd overflows in it.
double explained_by_dtype(const GradientSources& sources, const Tolerances& tolerances) {
  if (!sources.in_case.finite) return std::numeric_limits<double>::infinity();
  return 8 * tolerances.rounding + tolerances.formula +
         64 * smallest_normal(sources.manual.scalar_type());
}

}  // namespace

PrecisionLosses precision_losses(const GradientSources& sources, const Tolerances& tolerances,
                                 const std::vector<std::int64_t>& kinks) {
  PrecisionLosses found;
  if (!sources.manual_double.defined() || sources.manual.scalar_type() == at::kDouble) return found;
  const Elements manual(sources.manual), autograd(sources.autograd);
  const double largest = sources.extent.largest;
  const double promised = detection_limit(sources.manual.scalar_type()) * largest;
  const double explained = explained_by_dtype(sources, tolerances);
  const double user = tolerances.atol + tolerances.rtol * largest;
  const std::set<std::int64_t> exempt(kinks.begin(), kinks.end());
  for (std::size_t i = 0; i < autograd.size(); ++i) {
    if (exempt.count(static_cast<std::int64_t>(i))) continue;
    const double error = std::abs(manual[i] - autograd[i]);
    if (!(error <= user + std::max(explained, 4 * promised))) {
      found.loss = PrecisionLoss::gross;
      found.gross.push_back(static_cast<std::int64_t>(i));
    } else if (found.loss == PrecisionLoss::none) {
      if (error > user + std::max(explained, promised))
        found.loss = PrecisionLoss::noticeable;
      else if (error > 0.5 * largest)
        found.loss = PrecisionLoss::of_dtype;
    }
  }
  return found;
}

}  // namespace gradient_check
