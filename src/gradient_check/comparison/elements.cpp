#include "gradient_check/comparison/elements.h"

#include <cmath>

#include "gradient_check/gradient/chunks.h"

namespace gradient_check {

std::vector<double> elements_of(const at::Tensor& tensor) {
  if (!tensor.defined()) return {};
  const at::Tensor flat = tensor.detach().to(at::kDouble).contiguous();
  const auto* data = flat.data_ptr<double>();
  return {data, data + flat.numel()};
}

Elements::Elements(const at::Tensor& tensor) {
  if (!tensor.defined()) return;
  kept_ = tensor.detach().contiguous();
  size_ = static_cast<std::size_t>(kept_.numel());
  if (kept_.scalar_type() != at::kFloat && kept_.scalar_type() != at::kDouble)
    kept_ = kept_.to(at::kDouble);
  if (kept_.scalar_type() == at::kDouble)
    doubles_ = kept_.data_ptr<double>();
  else
    floats_ = kept_.data_ptr<float>();
}

std::vector<std::int64_t> unravel(std::int64_t flat, const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    index[d] = flat % shape[d];
    flat /= shape[d];
  }
  return index;
}

bool agrees(double a, double b, double absolute, double rtol) {
  if (std::isnan(a) || std::isnan(b)) return false;
  if (std::isinf(a) || std::isinf(b)) return a == b;
  return std::abs(a - b) <= absolute + rtol * std::abs(b);
}

namespace {

/// Takes a larger value over, and NaN for good.
bool raise(double& maximum, double value) {
  if (std::isnan(maximum) || !(value > maximum || std::isnan(value))) return false;
  maximum = value;
  return true;
}

LargestErrors errors_within(const Elements& a, const Elements& b, std::size_t first,
                            std::size_t last) {
  LargestErrors found;
  found.worst = first;
  for (std::size_t i = first; i < last; ++i) {
    const double error = std::abs(a[i] - b[i]);
    if (error == 0 || (std::isinf(a[i]) && a[i] == b[i])) continue;
    if (raise(found.absolute, error)) found.worst = i;
    // A product tells as much as a quotient, sooner; 0 / 0 and NaN are left to the quotient.
    const double size = std::abs(b[i]);
    if (!(error <= found.relative * size)) raise(found.relative, error / size);
  }
  return found;
}

}  // namespace

LargestErrors largest_errors(const Elements& a, const Elements& b) {
  const auto parts =
      over_chunks(static_cast<std::int64_t>(b.size()), [&](std::int64_t first, std::int64_t last) {
        return errors_within(a, b, static_cast<std::size_t>(first), static_cast<std::size_t>(last));
      });
  LargestErrors found;
  for (const LargestErrors& part : parts) {
    if (raise(found.absolute, part.absolute)) found.worst = part.worst;
    raise(found.relative, part.relative);
  }
  return found;
}

namespace {

/// The gradient that is judged, and how far it may be off as a whole.
struct Judged {
  explicit Judged(const GradientSources& sources, const Tolerances& tolerances)
      : truth(sources.autograd),
        manual(sources.manual),
        manual_double(sources.manual_double),
        has_double(manual_double.size() == truth.size()),
        absolute(tolerances.atol + (has_double ? tolerances.formula : tolerances.rounding)),
        rtol(tolerances.rtol) {}

  const Elements& gradient() const { return has_double ? manual_double : manual; }
  bool differs(std::size_t i) const {
    const bool became_infinite = !std::isfinite(manual[i]) && std::isfinite(truth[i]);
    return became_infinite || !agrees(gradient()[i], truth[i], absolute, rtol);
  }

  Elements truth, manual, manual_double;
  bool has_double;
  double absolute, rtol;
};

template <typename Wanted>
std::vector<std::int64_t> elements_where(std::size_t count, const Wanted& wanted) {
  const auto wanted_in = [&](std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> found;
    for (std::int64_t i = first; i < last; ++i)
      if (wanted(static_cast<std::size_t>(i))) found.push_back(i);
    return found;
  };
  std::vector<std::int64_t> all;
  for (const auto& part : over_chunks(static_cast<std::int64_t>(count), wanted_in))
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

std::vector<std::int64_t> differing_elements(const GradientSources& sources,
                                             const Tolerances& tolerances) {
  const Judged judged(sources, tolerances);
  return elements_where(judged.truth.size(), [&](std::size_t i) { return judged.differs(i); });
}

std::vector<std::int64_t> doubtful_elements(const GradientSources& sources,
                                            const Tolerances& tolerances) {
  const Judged judged(sources, tolerances);
  const double relative = doubt_limit(sources);
  return elements_where(judged.truth.size(), [&](std::size_t i) {
    const double gap = std::abs(judged.gradient()[i] - judged.truth[i]);
    const double size = std::abs(judged.truth[i]);
    return gap > relative * size && gap > tolerances.atol + tolerances.rtol * size &&
           !judged.differs(i);
  });
}

}  // namespace gradient_check
