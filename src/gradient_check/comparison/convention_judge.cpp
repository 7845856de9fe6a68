#include "gradient_check/comparison/convention_judge.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/gradient/finite_difference.h"

namespace gradient_check {
namespace {

/// Directions that are looked at; of a larger tensor no convention is confirmed.
constexpr std::int64_t directions_at_most = 1024;

}  // namespace

ConventionJudge::ConventionJudge(std::string name, const GradientSources& sources, Elements judged,
                                 double judged_tolerance, double reference_tolerance,
                                 Objective* objective, Conventions* conventions)
    : name_(std::move(name)),
      autograd_(sources.autograd),
      judged_(std::move(judged)),
      judged_tolerance_(judged_tolerance),
      reference_tolerance_(reference_tolerance),
      slack_(1e-6 * sources.extent.largest + 1e-13),
      objective_(objective),
      conventions_(conventions) {
  const at::IntArrayRef sizes = sources.autograd.sizes();
  if (sizes.size() >= 2 && sizes[sizes.size() - 1] == sizes[sizes.size() - 2])
    size_ = sizes[sizes.size() - 1];
}

ConventionJudge::Position ConventionJudge::position(std::int64_t index) const {
  const std::int64_t within = index % (size_ * size_);
  return {index / (size_ * size_), within / size_, within % size_};
}

std::int64_t ConventionJudge::transposed(std::int64_t index) const {
  const Position at = position(index);
  return at.matrix * size_ * size_ + at.column * size_ + at.row;
}

/// Whether f changes by `expected` a step along both elements together, give or take `slack`; along
/// one, where they are the same.
bool ConventionJudge::confirms(double expected, std::int64_t first, std::int64_t second,
                               double slack) {
  const std::int64_t low = std::min(first, second), count = std::abs(first - second) + 1;
  const at::Tensor direction = at::zeros({count}, at::kFloat);
  direction.data_ptr<float>()[0] = direction.data_ptr<float>()[count - 1] = 1;
  const Line line{{name_, {direction, low, 1}}};
  const double size =
      std::max(std::abs(objective_->element(name_, first)), objective_->root_mean_square(name_));
  const double scale = size > 0 ? size : 1;
  const Slope slope = derivative_at_0([&](double t) { return objective_->along(line, t); },
                                      {0.1 * scale, 40, 40, 1e-15 * scale}, objective_->origin());
  return std::abs(slope.value - expected) <= slope.error + 2 * reference_tolerance_ + slack;
}

/// Whether autograd's elements i, j and j, i together are what f changes by along both.
bool ConventionJudge::confirms_pair(std::int64_t index, double slack) {
  const std::int64_t other = transposed(index);
  const auto a = static_cast<std::size_t>(index), b = static_cast<std::size_t>(other);
  return confirms(index == other ? autograd_[a] : autograd_[a] + autograd_[b], index, other, slack);
}

bool ConventionJudge::confirms_pairs() {
  for (std::int64_t i = 0; i < value_.numel(); ++i)
    if (transposed(i) >= i && !confirms_pair(i, slack_)) return false;
  return true;
}

/// Whether f is the same to the last bit, whatever stands outside of one triangle; moved by so much
/// that what autograd says of the element would show above f's rounding.
bool ConventionJudge::reads_one_triangle() {
  const double noise = objective_->noise();
  for (const Triangle triangle : {Triangle::lower, Triangle::upper}) {
    triangle_ = triangle;
    bool unread = true;
    for (std::int64_t i = 0; i < value_.numel() && unread; ++i) {
      if (is_read(i)) continue;
      const double x = objective_->element(name_, i);
      const double said = std::abs(autograd_[static_cast<std::size_t>(i)]);
      const double far = std::min(said > 0 ? std::max(1.0, 64 * noise / said) : 1.0, 1e300);
      for (const double moved : {x + far, x - 1e-3 * far})
        unread = unread && objective_->at(name_, i, moved) == objective_->here();
    }
    if (unread) return true;
  }
  triangle_ = Triangle::none;
  return false;
}

bool ConventionJudge::is_read(std::int64_t index) const {
  const Position at = position(index);
  return triangle_ == Triangle::lower ? at.row >= at.column : at.row <= at.column;
}

bool ConventionJudge::holds(const Convention& convention) {
  const bool is_matrix = size_ > 0 && value_.numel() <= directions_at_most;
  switch (convention.kind) {
    case ConventionKind::symmetric:
      return is_matrix && (reads_one_triangle() || confirms_pairs());
    case ConventionKind::triangular:
      return is_matrix && reads_one_triangle();
    case ConventionKind::unchanged_row:
      return convention.tensor == name_;
    case ConventionKind::chosen:
    case ConventionKind::straight_through:
      return true;
  }
  return false;
}

void ConventionJudge::find() {
  if (searched_ || !objective_ || !conventions_) return;
  searched_ = true;
  value_ = objective_->value(name_);
  for (const Convention& convention : conventions_->all())
    if (!applied_ && holds(convention)) applied_ = convention;
}

bool ConventionJudge::applies(std::int64_t index) {
  find();
  if (!applied_) return false;
  if (applied_->kind == ConventionKind::triangular) return !is_read(index);
  if (applied_->kind != ConventionKind::unchanged_row) return true;
  const std::int64_t width = value_.size(0) > 0 ? value_.numel() / value_.size(0) : 0;
  return width > 0 && index / width == applied_->row;
}

double ConventionJudge::distance(std::int64_t index) const {
  const auto i = static_cast<std::size_t>(index);
  const double gap = std::abs(judged_[i] - autograd_[i]);
  if (applied_->kind == ConventionKind::triangular) return std::min(gap, std::abs(judged_[i]));
  if (applied_->kind != ConventionKind::symmetric) return gap;
  const auto j = static_cast<std::size_t>(transposed(index));
  return std::abs(judged_[i] + judged_[j] - autograd_[i] - autograd_[j]);
}

bool ConventionJudge::accepts(std::int64_t index) {
  if (!applies(index) || distance(index) > judged_tolerance_) return false;
  // What one triangle alone tells of the whole tensor, differences confirm where it is asked for.
  return applied_->kind != ConventionKind::symmetric || triangle_ == Triangle::none ||
         confirms_pair(index, 1e3 * slack_);
}

}  // namespace gradient_check
