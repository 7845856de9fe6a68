#include "gradient_check/diagnosis/detach_inquiry.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "gradient_check/gradient/scan.h"
#include "gradient_check/gradient/undetached.h"

namespace gradient_check {
namespace {

/// Places that are asked about one by one; of more, the others are asked about together.
constexpr std::size_t asked_at_most = 16;

bool is_same_place(const std::optional<RunningPlace>& a, const std::optional<RunningPlace>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->place.file == b->place.file && a->place.line == b->place.line &&
         a->place.column == b->place.column;
}

/// The places of the held calls. Where none is known, each call is one.
std::vector<Detachment> detachments_of(const DetachedValues& values) {
  std::vector<Detachment> places;
  for (std::size_t i = 0; i < values.calls.size(); ++i) {
    const DetachedValue& call = values.calls[i];
    if (!call.held) continue;
    const auto known = std::find_if(places.begin(), places.end(), [&](const Detachment& place) {
      return call.where && is_same_place(place.where, call.where);
    });
    if (known != places.end())
      known->calls.push_back(i);
    else
      places.push_back({call.where, {i}, false});
  }
  return places;
}

/// Whether two derivatives differ by more than their errors; not so where one is not known.
bool differ_clearly(const Slope& a, const Slope& b) {
  const double gap = std::abs(a.value - b.value);
  const double rounding = 1e-6 * std::max(std::abs(a.value), std::abs(b.value));
  return std::isfinite(gap) && gap > 4 * (a.error + b.error) + rounding;
}

}  // namespace

DetachInquiry::DetachInquiry(const Evaluations& evaluations, Objective& held)
    : evaluations_(evaluations), held_(held) {
  facts_.places = detachments_of(*held.held());
}

std::set<std::size_t> DetachInquiry::calls_at(const Places& places) const {
  std::set<std::size_t> calls;
  for (const std::size_t place : places)
    calls.insert(facts_.places[place].calls.begin(), facts_.places[place].calls.end());
  return calls;
}

Objective DetachInquiry::moving(const Places& places) const {
  auto values = std::make_shared<DetachedValues>(*held_.held());
  for (const std::size_t call : calls_at(places)) values->calls[call].held = false;
  return held_.holding(std::move(values));
}

/// Each place alone, then all of them.
std::vector<DetachInquiry::Places> DetachInquiry::choices() const {
  std::vector<Places> choices;
  for (std::size_t i = 0; i < std::min(facts_.places.size(), asked_at_most); ++i)
    choices.push_back({i});
  if (facts_.places.size() < 2) return choices;
  choices.emplace_back(facts_.places.size());
  std::iota(choices.back().begin(), choices.back().end(), std::size_t{0});
  return choices;
}

/// Whether the derivatives along random directions through those tensors are others where the
/// places move; all of the directions have to say so.
bool DetachInquiry::moves(const Places& places, const NamedTensors& gradients, std::size_t draws) {
  Objective objective = moving(places);
  DirectionalDerivatives with_it(objective, gradients, evaluations_.seed),
      without_it(held_, gradients, evaluations_.seed);
  for (std::size_t draw = 0; draw < draws; ++draw) {
    const Direction direction{draw, std::nullopt, 0, -1};
    if (!differ_clearly(with_it.along(direction).measured, without_it.along(direction).measured))
      return false;
  }
  return true;
}

/// The places that move the derivatives alone, or else all where they do together.
DetachInquiry::Places DetachInquiry::moving_places(const NamedTensors& gradients,
                                                   std::size_t draws) {
  Places found;
  for (const Places& choice : choices()) {
    if (choice.size() > 1 && !found.empty()) break;
    if (moves(choice, gradients, draws)) found.insert(found.end(), choice.begin(), choice.end());
  }
  return found;
}

/// One direction tells which differences cannot confirm a gradient.
bool DetachInquiry::may_confirm(Objective& objective, const TensorComparison& tensor) const {
  const GradientSources& sources = tensor.sources;
  const at::Tensor& manual =
      sources.manual_double.defined() ? sources.manual_double : sources.manual;
  const NamedTensors gradient{{tensor.result.name, manual.to(at::kDouble)}};
  const DirectionalDerivative found = DirectionalDerivatives(objective, gradient, evaluations_.seed)
                                          .along({0, std::nullopt, 0, -1});
  return std::abs(found.gap()) <= 4 * found.measured.error + 1e-2;
}

std::optional<MovingComparison> DetachInquiry::confirming_manual(const TensorComparison& tensor,
                                                                 ComparisonTools tools) {
  const std::string& name = tensor.result.name;
  for (const Places& choice : choices()) {
    Objective objective = moving(choice);
    if (!may_confirm(objective, tensor)) continue;
    tools.objective = &objective;
    TensorComparison compared = compare_gradient(name, tensor.sources, tensor.tolerances, tools);
    if (compared.result.verdict != TensorVerdict::mismatch ||
        compared.result.wrong != Wrong::autograd)
      continue;
    facts_.confirmations[name] = {choice, gives_manual_undetached(choice, tensor)};
    return MovingComparison{std::move(compared), std::move(objective)};
  }
  return std::nullopt;
}

/// What is detached again further on stays cut off.
bool DetachInquiry::gives_manual_undetached(const Places& places,
                                            const TensorComparison& tensor) const {
  const auto undetached = autograd_undetached(evaluations_, calls_at(places));
  if (!undetached) return false;
  GradientSources sources = tensor.sources;
  sources.autograd = undetached->gradients[tensor.result.name];
  return differing_elements(sources, tensor.tolerances).empty();
}

bool DetachInquiry::feeds_alone(std::size_t place, const std::string& name) const {
  const auto undetached = autograd_undetached(evaluations_, calls_at({place}));
  if (!undetached) return false;
  const Evaluation& autograd = evaluations_.autograd;
  const auto change_of = [&](const std::string& tensor) {
    return largest_difference(autograd.gradients[tensor], undetached->gradients[tensor]);
  };
  return change_of(name) > 0 &&
         std::all_of(autograd.gradients.begin(), autograd.gradients.end(), [&](const auto& other) {
           const bool reached = std::find(autograd.unreached.begin(), autograd.unreached.end(),
                                          other.first) == autograd.unreached.end();
           return !reached || change_of(other.first) <= 1e-9 * largest_magnitude(other.second);
         });
}

DetachFacts DetachInquiry::facts() {
  const Evaluation& autograd = evaluations_.autograd;
  for (const std::size_t place : moving_places(autograd.gradients, 1))
    facts_.places[place].matters = true;
  for (const std::string& name : autograd.unreached) {
    if (!evaluations_.subject.parameters().contains(name)) continue;
    Places places = moving_places({{name, autograd.gradients[name]}}, 2);
    if (places.empty()) continue;
    const auto drop = std::find_if(places.begin(), places.end(),
                                   [&](std::size_t at) { return feeds_alone(at, name); });
    const auto to_drop = drop == places.end() ? std::nullopt : std::optional(*drop);
    facts_.starved.push_back({name, std::move(places), to_drop});
  }
  return std::move(facts_);
}

}  // namespace gradient_check
