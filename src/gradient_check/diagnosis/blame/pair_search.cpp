#include "gradient_check/diagnosis/blame/pair_search.h"

#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/blame/candidates.h"
#include "gradient_check/diagnosis/blame/progress.h"
#include "gradient_check/gradient/dtype_limits.h"

namespace gradient_check {
namespace {

/// Changes tried of one statement.
constexpr std::size_t most_changes = 120;
/// What it costs to compile a change; to run a statement costs 1.
constexpr int cost_of_compiling = 60;
/// Elements of the goal that cost as much as running a statement does.
constexpr std::int64_t elements_per_statement = 16;
/// Pairs that the whole program refuses before the search gives up.
constexpr int most_pairs_refused = 6;

/// A change of the earlier statement, and what it then gives.
struct EarlierChange {
  const Candidate* candidate = nullptr;
  at::Tensor value;
};

struct Pair {
  std::size_t earlier = 0, later = 0;
  double cost = 0;
};

class PairSearch {
 public:
  PairSearch(const Suspects& suspects, const EditsHold& hold)
      : s_(suspects),
        hold_(hold),
        trial_(s_.program, s_.run, s_.manual, s_.chain),
        candidates_(s_, trial_) {}

  std::optional<Repair> run() {
    if (s_.truth.tensor.numel() < 2) return std::nullopt;
    choose_probe();
    all_ = candidates_.all();
    for (std::size_t at = s_.chain.size() - 1; at-- > 0;)
      if (auto repair = with_earlier(at)) return repair;
    return std::nullopt;
  }

 private:
  /// One change of the statement at that place of the chain, another of one behind it.
  std::optional<Repair> with_earlier(std::size_t at) {
    const std::size_t index = s_.chain[at];
    const Write& write = s_.manual.writes[index];
    if (!is_alone(index) || s_.run.budget->pairs <= 0) return std::nullopt;
    const std::vector<EarlierChange> earlier = changes_of(index);
    const std::vector<const Candidate*> later = changes_behind(at, write.statement);
    if (earlier.empty() || later.empty()) return std::nullopt;
    const std::vector<std::size_t> rest(s_.chain.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                        s_.chain.end());
    Trial trial(s_.program, s_.run, s_.manual, rest);
    if (!trial.runs_alone() || !holds(trial, write)) return std::nullopt;
    const int cost = static_cast<int>(
        rest.size() + static_cast<std::size_t>(s_.truth.tensor.numel() / elements_per_statement));
    int refused = 0;
    std::set<std::size_t> compiled;
    for (const Pair& pair : in_order(earlier, later)) {
      if ((s_.run.budget->pairs -= cost) <= 0 || refused >= most_pairs_refused) break;
      if (compiled.insert(pair.later).second) s_.run.budget->pairs -= cost_of_compiling;
      const Candidate& first = *earlier[pair.earlier].candidate;
      const auto second =
          righting(trial, later[pair.later]->edit, {write.name, earlier[pair.earlier].value});
      if (!second) continue;
      if (hold_({first.edit, *second})) {
        Repair repair = first.repair();
        repair.keeps_all = true;
        return repair;
      }
      ++refused;
    }
    return std::nullopt;
  }

  /// The change, where it gives the goal its right value with that variable; a scaling with its
  /// number.
  std::optional<Edit> righting(Trial& trial, const Edit& edit, const NamedValue& variable) const {
    if (!edit.is_scaling) {
      if (!is_right(trial.value_with_variable(edit, variable))) return std::nullopt;
      return edit;
    }
    if (s_.truth.tensor.numel() < 4) return std::nullopt;
    const auto k = affine_solution(trial.value_with_variable(edit, variable, 0),
                                   trial.value_with_variable(edit, variable, 1), s_.truth.tensor);
    if (!k || !is_right(trial.value_with_variable(edit, variable, *k))) return std::nullopt;
    Edit scaled = edit;
    const std::size_t at = scaled.replacement.find("__k");
    scaled.replacement.replace(at, 3, fmt::format("{:.17g}", *k));
    scaled.is_scaling = false;
    return scaled;
  }

  /// Whether its statement gives this tensor and nothing else.
  bool is_alone(std::size_t index) const {
    const Write& write = s_.manual.writes[index];
    if (!write.value.defined() || !write.value.is_floating_point() || !expression_of(write) ||
        write.is_entry)
      return false;
    return std::count_if(s_.manual.writes.begin(), s_.manual.writes.end(), [&](const Write& other) {
             return other.statement == write.statement && other.iteration == write.iteration;
           }) == 1;
  }

  /// Whether the variable still is that write's where the goal is computed.
  static bool holds(const Trial& trial, const Write& write) {
    const auto found = trial.environment().find(write.name);
    return found != trial.environment().end() && found->second.isTensor() &&
           relative_difference(found->second.toTensor(), write.value) == 0;
  }

  /// The cheapest changes of a statement, one for each value that they give.
  std::vector<EarlierChange> changes_of(std::size_t index) {
    std::vector<EarlierChange> changes;
    Trial trial(s_.program, s_.run, s_.manual, {index});
    if (!trial.runs_alone()) return changes;
    const at::Tensor& original = s_.manual.writes[index].value;
    for (const Candidate& candidate : all_) {
      if (candidate.write != index || candidate.edit.is_scaling) continue;
      if ((s_.run.budget->pairs -= cost_of_compiling) <= 0) break;
      at::Tensor value = candidate.edit.recipe == Recipe::compile
                             ? trial.value_with({candidate.edit})
                             : trial.value_by_recipe(candidate.edit);
      if (!value.defined() || !value.is_floating_point() || equal(value, original)) continue;
      const bool is_known =
          std::any_of(changes.begin(), changes.end(),
                      [&](const EarlierChange& c) { return equal(c.value, value); });
      if (!is_known) changes.push_back({&candidate, std::move(value)});
      if (changes.size() == most_changes) break;
    }
    return changes;
  }

  std::vector<const Candidate*> changes_behind(std::size_t at, const Statement* statement) const {
    std::vector<const Candidate*> later;
    for (const Candidate& candidate : all_) {
      if (!candidate.write || candidate.edit.everywhere) continue;
      const bool behind = std::find(s_.chain.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                    s_.chain.end(), *candidate.write) != s_.chain.end();
      if (behind && s_.manual.writes[*candidate.write].statement != statement)
        later.push_back(&candidate);
      if (later.size() == most_changes) break;
    }
    return later;
  }

  static std::vector<Pair> in_order(const std::vector<EarlierChange>& earlier,
                                    const std::vector<const Candidate*>& later) {
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < earlier.size(); ++i)
      for (std::size_t j = 0; j < later.size(); ++j)
        pairs.push_back({i, j, earlier[i].candidate->edit.cost + later[j]->edit.cost});
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const Pair& a, const Pair& b) { return a.cost < b.cost; });
    return pairs;
  }

  static bool equal(const at::Tensor& a, const at::Tensor& b) {
    return a.sizes() == b.sizes() && relative_difference(a, b) <= 1e-12;
  }

  bool is_right(const at::Tensor& value) const {
    const at::Tensor& truth = s_.truth.tensor;
    if (!value.defined() || value.sizes() != truth.sizes()) return false;
    // One element refuses most: cheaply.
    if (value.scalar_type() == at::kDouble && value.is_contiguous() &&
        !(std::abs(value.data_ptr<double>()[probe_] - probed_) <=
          2 * s_.tolerance * std::abs(probed_)))
      return false;
    return relative_difference(value, truth) <= s_.tolerance;
  }

  /// The largest element of the truth.
  void choose_probe() {
    const std::vector<double> elements = elements_of(s_.truth.tensor);
    for (std::size_t i = 0; i < elements.size(); ++i)
      if (std::abs(elements[i]) > std::abs(elements[probe_])) probe_ = i;
    probed_ = elements[probe_];
  }

  const Suspects& s_;
  const EditsHold& hold_;
  Trial trial_;
  Candidates candidates_;
  std::vector<Candidate> all_;
  std::size_t probe_ = 0;
  double probed_ = 0;
};

}  // namespace

std::optional<Repair> find_first_of_two(const Suspects& suspects, const EditsHold& hold) {
  return PairSearch(suspects, hold).run();
}

}  // namespace gradient_check
