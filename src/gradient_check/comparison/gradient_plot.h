#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/comparison/gradient_result.h"
#include "gradient_check/gradient/extrapolation.h"

namespace gradient_check {

/// A gradient's elements as they were compared.
struct ComparedElements {
  const Elements& manual;  ///< none where there is no manual code
  const Elements& autograd;
  const std::vector<std::int64_t>& shape;
  const std::vector<std::int64_t>& differing;  ///< flat indices, ascending
  const std::vector<std::int64_t>& kinks;      ///< flat indices
  std::int64_t worst = 0;
};

/// The elements that a plot shows, ascending: all where they are few; else the worst one, some of
/// those that differ or lie at kinks, and others evenly spread.
std::vector<std::int64_t> plotted_elements(const ComparedElements& elements);

/// The plot of them with the finite differences that are known, by flat index.
GradientPlot plot_of(const ComparedElements& elements, const std::vector<std::int64_t>& plotted,
                     const std::map<std::int64_t, Slope>& slopes);

/// `value` to so many significant decimal digits.
double rounded(double value, int digits);

}  // namespace gradient_check
