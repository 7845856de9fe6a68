#include "gradient_check/comparison/gradient_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "gradient_check/gradient/central_sweep.h"

namespace gradient_check {
namespace {

constexpr std::size_t plotted_at_most = 256, plotted_where_all_agree = 64;
constexpr std::size_t differentiated_of_large = 16;
constexpr std::int64_t map_rows = 24, map_columns = 32;
constexpr int sample_digits = 6, map_digits = 3;

double to_digits(double value, int digits) {
  if (!std::isfinite(value)) return value;
  return std::strtod(fmt::format("{:.{}e}", value, digits - 1).c_str(), nullptr);
}

/// Equal infinities differ by nothing.
double difference(double a, double b) { return a == b ? 0 : a - b; }

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

std::int64_t divided_up(std::int64_t size, std::int64_t by) { return (size + by - 1) / by; }

/// Makes the plot of one comparison. See plot_of.
class Plotter {
 public:
  explicit Plotter(const TensorComparison& tensor)
      : tensor_(tensor),
        manual_(tensor.sources.manual),
        autograd_(tensor.sources.autograd),
        differing_(tensor.mismatched.begin(), tensor.mismatched.end()),
        kinks_(tensor.kinks.begin(), tensor.kinks.end()) {}

  GradientPlot plot(Objective* objective) const {
    GradientPlot plot;
    const std::vector<std::int64_t> chosen = choose();
    for (const std::int64_t flat : chosen) plot.sample.push_back(element(flat));
    if (objective) differentiate(*objective, plot.sample);
    if (chosen.size() < autograd_.size() && !manual_.empty()) plot.error_map = error_map();
    return plot;
  }

 private:
  std::vector<std::int64_t> choose() const {
    const std::size_t count = autograd_.size();
    const std::size_t limit = differing_.empty() ? plotted_where_all_agree : plotted_at_most;
    std::set<std::int64_t> chosen;
    if (count > limit) {
      if (!manual_.empty())
        chosen.insert(static_cast<std::int64_t>(largest_errors(manual_, autograd_).worst));
      spread({differing_.begin(), differing_.end()}, limit / 2, chosen);
      spread({kinks_.begin(), kinks_.end()}, limit / 8, chosen);
    }
    const std::size_t others = std::min(count, limit - chosen.size());
    for (std::size_t k = 0; k < others; ++k)
      chosen.insert(static_cast<std::int64_t>(k * count / others));
    return {chosen.begin(), chosen.end()};
  }

  SampledElement element(std::int64_t flat) const {
    const auto i = static_cast<std::size_t>(flat);
    SampledElement element;
    element.element = flat;
    element.autograd = to_digits(autograd_[i], sample_digits);
    if (!manual_.empty()) {
      element.manual = to_digits(manual_[i], sample_digits);
      element.manual_difference = to_digits(difference(manual_[i], autograd_[i]), sample_digits);
    }
    if (differing_.count(flat) != 0)
      element.state = SampledElement::State::differs;
    else if (kinks_.count(flat) != 0)
      element.state = SampledElement::State::kink;
    return element;
  }

  void differentiate(Objective& objective, std::vector<SampledElement>& sample) const {
    const bool large = tensor_.result.certificate.kind == "directional";
    std::vector<SampledElement*> chosen;
    std::vector<std::int64_t> indices;
    for (SampledElement& element : sample) {
      if (large && (element.state != SampledElement::State::differs ||
                    chosen.size() >= differentiated_of_large))
        continue;
      chosen.push_back(&element);
      indices.push_back(element.element);
    }
    const auto differences = central_differences(objective, tensor_.result.name, indices);
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      const Slope& slope = differences[k].slope;
      const double autograd = autograd_[static_cast<std::size_t>(indices[k])];
      chosen[k]->finite_difference_difference = to_digits(slope.value - autograd, sample_digits);
      chosen[k]->finite_difference_error = to_digits(slope.error, sample_digits);
    }
  }

  ErrorMap error_map() const {
    const auto count = static_cast<std::int64_t>(autograd_.size());
    const std::vector<std::int64_t>& shape = tensor_.result.shape;
    const std::int64_t rows = shape.size() < 2 ? 1 : shape[0];
    const std::int64_t columns = count / rows;
    ErrorMap map;
    map.row_step = divided_up(rows, map_rows);
    map.column_step = divided_up(columns, map_columns);
    map.columns = divided_up(columns, map.column_step);
    map.cells.resize(static_cast<std::size_t>(divided_up(rows, map.row_step) * map.columns));
    for (std::int64_t flat = 0; flat < count; ++flat) {
      const std::int64_t row = flat / columns / map.row_step;
      const std::int64_t column = flat % columns / map.column_step;
      double& cell = map.cells[static_cast<std::size_t>(row * map.columns + column)];
      const auto i = static_cast<std::size_t>(flat);
      cell = more_telling(cell, difference(manual_[i], autograd_[i]));
    }
    for (double& cell : map.cells) cell = to_digits(cell, map_digits);
    return map;
  }

  const TensorComparison& tensor_;
  Elements manual_, autograd_;
  std::set<std::int64_t> differing_, kinks_;
};

}  // namespace

GradientPlot plot_of(const TensorComparison& tensor, Objective* objective) {
  if (tensor.result.elements == 0) return {};
  return Plotter(tensor).plot(objective);
}

}  // namespace gradient_check
