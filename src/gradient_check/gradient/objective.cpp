#include "gradient_check/gradient/objective.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <utility>

#include "gradient_check/gradient/replay/replay.h"
#include "gradient_check/gradient/scan.h"
#include "gradient_check/gradient/sensitivity.h"

namespace gradient_check {
namespace {

/// Elements of each tensor that are moved to see what rounding does: more of them show no more.
constexpr std::int64_t moved_at_most = 4096;

}  // namespace

SeenAtPoint seen_in(const at::Tensor& output, const at::Tensor& grad_output) {
  if (output.sizes() != grad_output.sizes()) return {std::nan(""), std::nan(""), 0};
  const at::Tensor product = output.to(at::kDouble) * grad_output;
  return {product.sum().item<double>(), product.abs().sum().item<double>(), 0};
}

Objective::Objective(const Subject& subject, NamedTensors values,
                     std::vector<std::string> variables, at::Tensor grad_output,
                     EvaluationManner manner, std::optional<SeenAtPoint> seen)
    : subject_(subject),
      values_(std::move(values)),
      variables_(std::move(variables)),
      grad_output_(std::move(grad_output)),
      manner_(manner),
      seen_(seen) {}

at::Tensor Objective::output(const DetachedValues* held) {
  if (manner_.reseed) seed_generator(manner_.seed);
  std::optional<DetachHold> hold;
  if (held) hold.emplace(*held);
  const bool copy = manner_.copy || (held && held->any_in_place());
  const at::Tensor output =
      (copy ? subject_.forward(clone(values_)) : subject_.forward(values_)).resolve_neg();
  if (hold) hold->expect_all();
  // One number is one number, whatever its dimensions.
  return output.numel() == 1 && grad_output_.numel() == 1 ? output.reshape(grad_output_.sizes())
                                                          : output;
}

/// Recorded once, and held against the forward itself: one that writes into what it detached gives
/// another value without what it wrote.
const DetachedValues* Objective::held() {
  if (held_) return held_->get();
  held_ = nullptr;
  if (!manner_.detaches) return nullptr;
  try {
    if (manner_.reseed) seed_generator(manner_.seed);
    auto recorded = record_detached(subject_, values_, variables_);
    const double evaluated = weighted_sum(output(nullptr), grad_output_);
    const double holding = weighted_sum(output(recorded.get()), grad_output_);
    const double rounding = manner_.unit * (seen_ ? seen_->sensitivity : 0);
    if (same_value(holding, evaluated, 1e-12 * std::abs(evaluated) + 16 * rounding))
      held_ = std::move(recorded);
  } catch (const std::exception&) {
    // It does not make the same calls without autograd.
  }
  return held_->get();
}

Objective Objective::holding(std::shared_ptr<const DetachedValues> held) const {
  Objective other(subject_, values_, variables_, grad_output_, manner_, seen_);
  other.held_ = std::move(held);
  return other;
}

double Objective::operator()() { return weighted_sum(output(), grad_output_); }

const SeenAtPoint& Objective::at_point() {
  if (!seen_) {
    seen_ = seen_in(output(), grad_output_);
    seen_->sensitivity =
        rounding_sensitivity(subject_, values_, variables_, grad_output_, manner_.copy);
  }
  return *seen_;
}

double Objective::at(const std::string& name, std::int64_t index, double element) {
  double* data = writable(name) + index;
  const double before = *data;
  *data = element;
  double value = std::numeric_limits<double>::quiet_NaN();
  try {
    value = (*this)();
  } catch (const std::exception&) {
  }
  *data = before;
  return value;
}

/// A pure program's recording shows all that it does.
std::optional<ElementReplay> Objective::element_replay(const std::string& name) {
  std::optional<ElementReplay> replay;
  if (subject_.pure() && !held() && tape()) replay.emplace(*tape(), name, grad_output_);
  if (replay && !replay->possible()) replay.reset();
  return replay;
}

/// What is replayed first is held against the forward all the same, to the last bit.
double Objective::replayed_at(const std::string& name, std::int64_t index, double element) {
  auto found = element_replays_.find(name);
  const bool added = found == element_replays_.end();
  if (added) found = element_replays_.emplace(name, element_replay(name)).first;
  std::optional<ElementReplay>& replay = found->second;
  if (!replay) return at(name, index, element);
  double* const place = writable(name) + index;
  const double before = std::exchange(*place, element);
  const double replayed = replay->at(values_[name]);
  *place = before;
  if (!added) return replayed;
  const double evaluated = at(name, index, element);
  if (!same_value(replayed, evaluated, 0)) replay.reset();
  return evaluated;
}

double Objective::at(const NamedTensors& replacements) {
  const NamedTensors before = values_;
  for (const auto& [name, value] : replacements) values_.set(name, value);
  double f = std::numeric_limits<double>::quiet_NaN();
  try {
    f = (*this)();
  } catch (const std::exception&) {
  }
  values_ = before;
  return f;
}

double* Objective::writable(const std::string& name) {
  if (own_.insert(name).second) values_.set(name, values_[name].clone());
  return values_[name].data_ptr<double>();
}

double Objective::on_copies(const Line& line, double t) {
  NamedTensors replacements;
  for (const auto& [name, step] : line) replacements.set(name, moved(values_[name], step, t));
  return at(replacements);
}

/// Whether the recording can be trusted on lines: a program's shows all that it does, another
/// forward's is held against the forward itself.
bool Objective::can_replay(const Line& line, double t) {
  if (replays_lines_) return *replays_lines_;
  replays_lines_ = false;
  if (const ForwardTape* const recorded = tape()) {
    line_replay_.emplace(*recorded, grad_output_);
    replays_lines_ = line_replay_->possible();
  }
  if (!*replays_lines_ || subject_.pure()) return *replays_lines_;
  const double replayed = line_replay_->at(line, t), evaluated = on_copies(line, t);
  replays_lines_ =
      same_value(replayed, evaluated, 1e-12 * std::max(at_point().magnitude, std::abs(evaluated)));
  return *replays_lines_;
}

double Objective::along(const Line& line, double t) {
  return can_replay(line, t) ? line_replay_->at(line, t) : on_copies(line, t);
}

/// Every variable x, or the first elements of it, towards x · (1 + t d), d random.
Line Objective::noise_line() const {
  Line line;
  std::mt19937_64 engine(12345);
  for (const std::string& name : variables_) {
    const at::Tensor& tensor = values_[name];
    const auto* const data = tensor.data_ptr<double>();
    at::Tensor direction = at::empty({std::min(tensor.numel(), moved_at_most)}, at::kFloat);
    auto* const to = direction.data_ptr<float>();
    for (std::int64_t i = 0; i < direction.numel(); ++i)
      to[i] = static_cast<float>(data[i] * (0.5 + static_cast<double>(engine() >> 11U) * 0x1p-53));
    line[name] = {direction, 0, 1};
  }
  return line;
}

double Objective::element(const std::string& name, std::int64_t index) const {
  return values_[name].data_ptr<double>()[index];
}

double Objective::root_mean_square(const std::string& name) const {
  const auto [found, added] = root_mean_squares_.try_emplace(name, 0);
  const at::Tensor& tensor = values_[name];
  if (added && tensor.numel() > 0) found->second = std::sqrt(tensor.square().mean().item<double>());
  return found->second;
}

const ForwardTape* Objective::tape(std::size_t worker) {
  while (tapes_.size() <= worker)
    tapes_.push_back(
        manner_.reseed || manner_.copy
            ? nullptr
            : record_forward(subject_, tapes_.empty() ? values_ : clone(values_), held()));
  return tapes_[worker].get();
}

Origin Objective::origin() {
  const double of_terms = 0x1p-51 * largest_magnitude(grad_output_);
  return {here(), noise(), std::max(rounding(), of_terms)};
}

double Objective::rounding() {
  return manner_.unit * std::max(at_point().magnitude, 0.5 * at_point().sensitivity);
}

namespace {

constexpr std::size_t table_points = 8;
constexpr double table_spacing = 1e-9;

}  // namespace

/// What a table of f's differences shows of its rounding, at points from `first` on.
double Objective::table_noise(const Line& line, double first) {
  std::array<double, table_points> table{};
  for (std::size_t i = 0; i < table_points; ++i)
    table[i] = along(line, table_spacing * (static_cast<double>(i) + first));
  // σ_k² = (k!)²/(2k)! · mean((Δᵏf)²); the least over k ≥ 3, where the smooth part has vanished.
  double factor = 1, least = std::numeric_limits<double>::infinity();
  for (std::size_t k = 1; k < table_points - 1; ++k) {
    factor *= static_cast<double>(k) / (2.0 * (2.0 * static_cast<double>(k) - 1.0));
    double sum = 0;
    for (std::size_t i = 0; i + k < table_points; ++i) {
      table[i] = table[i + 1] - table[i];
      sum += table[i] * table[i];
    }
    if (k >= 3)
      least = std::min(least, std::sqrt(factor * sum / static_cast<double>(table_points - k)));
  }
  return std::isfinite(least) ? least : 0.0;
}

double Objective::noise() {
  if (noise_ >= 0) return noise_;
  const Line line = noise_line();
  double seen = table_noise(line, -3.5);
  // A jump at the point is no noise: neither side by itself knows of it.
  if (seen > 64 * rounding())
    for (const double first : {1.0, -8.0}) seen = std::min(seen, table_noise(line, first));
  return noise_ = std::max(rounding(), seen);
}

}  // namespace gradient_check
