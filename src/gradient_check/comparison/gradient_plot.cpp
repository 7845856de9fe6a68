#include "gradient_check/comparison/gradient_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

namespace gradient_check {
namespace {

constexpr std::size_t plotted_at_most = 256, plotted_where_all_agree = 64;
constexpr std::int64_t map_rows = 24, map_columns = 32;

/// At most `count` of `from`, evenly spread.
void spread(const std::vector<std::int64_t>& from, std::size_t count, std::set<std::int64_t>& out) {
  const std::size_t taken = std::min(count, from.size());
  for (std::size_t k = 0; k < taken; ++k) out.insert(from[k * from.size() / taken]);
}

/// The one that a cell shows of two differences.
double more_telling(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) ? a : b;
  return std::abs(b) > std::abs(a) ? b : a;
}

std::int64_t step_for(std::int64_t size, std::int64_t cells) { return (size + cells - 1) / cells; }

ErrorMap error_map_of(const ComparedElements& elements) {
  const auto count = static_cast<std::int64_t>(elements.autograd.size());
  const std::int64_t rows = elements.shape.size() < 2 ? 1 : elements.shape[0];
  const std::int64_t columns = count / rows;
  ErrorMap map;
  map.row_step = step_for(rows, map_rows);
  map.column_step = step_for(columns, map_columns);
  map.columns = step_for(columns, map.column_step);
  map.cells.resize(static_cast<std::size_t>(step_for(rows, map.row_step) * map.columns));
  for (std::int64_t flat = 0; flat < count; ++flat) {
    const std::int64_t row = flat / columns / map.row_step;
    const std::int64_t column = flat % columns / map.column_step;
    double& cell = map.cells[static_cast<std::size_t>(row * map.columns + column)];
    const auto i = static_cast<std::size_t>(flat);
    const double manual = elements.manual[i], autograd = elements.autograd[i];
    if (manual != autograd) cell = more_telling(cell, manual - autograd);
  }
  for (double& cell : map.cells) cell = rounded(cell, 3);
  return map;
}

}  // namespace

double rounded(double value, int digits) {
  if (!std::isfinite(value)) return value;
  return std::strtod(fmt::format("{:.{}e}", value, digits - 1).c_str(), nullptr);
}

std::vector<std::int64_t> plotted_elements(const ComparedElements& elements) {
  const std::size_t count = elements.autograd.size();
  const std::size_t limit = elements.differing.empty() ? plotted_where_all_agree : plotted_at_most;
  std::set<std::int64_t> chosen;
  if (count > limit) {
    chosen.insert(elements.worst);
    spread(elements.differing, limit / 2, chosen);
    spread(elements.kinks, limit / 8, chosen);
  }
  const std::size_t others = std::min(count, limit - chosen.size());
  for (std::size_t k = 0; k < others; ++k)
    chosen.insert(static_cast<std::int64_t>(static_cast<double>(k) * static_cast<double>(count) /
                                            static_cast<double>(others)));
  return {chosen.begin(), chosen.end()};
}

GradientPlot plot_of(const ComparedElements& elements, const std::vector<std::int64_t>& plotted,
                     const std::map<std::int64_t, Slope>& slopes) {
  constexpr int digits = 6;
  const std::set<std::int64_t> kinks(elements.kinks.begin(), elements.kinks.end());
  GradientPlot plot;
  for (const std::int64_t flat : plotted) {
    const auto i = static_cast<std::size_t>(flat);
    const double autograd = elements.autograd[i];
    SampledElement element;
    element.element = flat;
    element.autograd = rounded(autograd, digits);
    if (!elements.manual.empty()) {
      const double manual = elements.manual[i];
      element.manual = rounded(manual, digits);
      element.manual_difference = manual == autograd ? 0 : rounded(manual - autograd, digits);
    }
    if (const auto slope = slopes.find(flat); slope != slopes.end()) {
      element.finite_difference_difference = rounded(slope->second.value - autograd, digits);
      element.finite_difference_error = rounded(slope->second.error, digits);
    }
    if (std::binary_search(elements.differing.begin(), elements.differing.end(), flat))
      element.state = SampledElement::State::differs;
    else if (kinks.count(flat) != 0)
      element.state = SampledElement::State::kink;
    plot.sample.push_back(element);
  }
  if (plotted.size() < elements.autograd.size() && !elements.manual.empty())
    plot.error_map = error_map_of(elements);
  return plot;
}

}  // namespace gradient_check
