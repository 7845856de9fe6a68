#include "gradient_check/diagnosis/blame/search.h"

#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/diagnosis/blame/candidates.h"
#include "gradient_check/diagnosis/blame/factor_text.h"
#include "gradient_check/diagnosis/blame/numpy_spelling.h"
#include "gradient_check/diagnosis/blame/progress.h"

namespace gradient_check {
namespace {

/// Edits tried for one goal before the search gives up: those that must be compiled, and all.
constexpr std::size_t most_compiled = 500;
constexpr std::size_t most_edits = 4000;
/// Costs no further apart are of explanations about as simple as each other.
constexpr double as_simple = 1;

/// Explanations that the whole program refuses before the search gives up.
constexpr std::size_t most_refused = 12;

class Search {
 public:
  Search(const Suspects& suspects, const RepairEffect& effect)
      : s_(suspects),
        effect_(effect),
        trial_(s_.program, s_.run, s_.manual, s_.chain),
        candidates_(s_, trial_) {}

  std::optional<Repair> run() {
    // What makes a value 0 explains nothing.
    if (s_.truth.tensor.count_nonzero().item<std::int64_t>() == 0) return std::nullopt;
    std::optional<Repair> whole;
    if (!s_.only_helpers) whole = find_whole_repair(s_, trial_);
    std::size_t tried = 0, compiled = 0;
    for (Candidate& candidate : candidates_.all()) {
      if (s_.only_helpers && candidate.write) continue;
      if (whole && candidate.edit.cost >= whole->cost) {
        if (is_last(*whole)) return best_;
        whole.reset();
      }
      if (best_ && candidate.edit.cost > best_->cost + as_simple) return best_;
      if (++tried > most_edits || refused_ > most_refused) break;
      if (!by_recipe(candidate) && ++compiled > most_compiled) continue;
      if (auto repair = attempt(candidate); repair && is_last(*repair)) return best_;
    }
    if (whole && !best_) is_last(*whole);
    return best_ ? best_ : unsettled_ ? unsettled_ : part_;
  }

 private:
  /// Weighs a repair; true where nothing better can come: it puts everything right, or its text is
  /// not known.
  bool is_last(Repair& repair) {
    if (repair.edits.empty()) {
      if (!best_) best_ = repair;
      return true;
    }
    const std::optional<std::size_t> left = effect_(repair);
    repair.keeps_all = left.has_value();
    if (!left) {
      ++refused_;
      if (!unsettled_) unsettled_ = repair;
      return false;
    }
    if (!best_ || *left < least_left_) {
      best_ = repair;
      least_left_ = *left;
    }
    return least_left_ == 0;
  }

  bool is_right(const at::Tensor& value) const {
    return relative_difference(value, s_.truth.tensor) <= s_.tolerance;
  }

  bool by_recipe(const Candidate& candidate) const {
    return candidate.edit.recipe != Recipe::compile && trial_.runs_alone() &&
           (candidate.scope || (candidate.write && trial_.touches_chain(candidate.edit)));
  }

  /// The goal's value with the candidate's edit made.
  at::Tensor value_with(const Candidate& candidate, double k = 1) {
    if (candidate.scope && trial_.runs_alone()) {
      const at::Tensor value = trial_.value_in_helper(*candidate.scope, candidate.edit, k);
      if (value.defined() || candidate.edit.recipe != Recipe::compile) return value;
    }
    return by_recipe(candidate) ? trial_.value_by_recipe(candidate.edit)
                                : trial_.value_with({candidate.edit}, k);
  }

  std::optional<Repair> attempt(Candidate& candidate) {
    Edit& edit = candidate.edit;
    if (edit.is_scaling) {
      if (!solve_scaling(candidate)) return std::nullopt;
    } else if (const at::Tensor value = value_with(candidate); !is_right(value)) {
      note_progress(candidate, value);
      return std::nullopt;
    }
    return repair_of(candidate);
  }

  /// Keeps the change that puts most of the goal's elements right.
  void note_progress(const Candidate& candidate, const at::Tensor& value) {
    const at::Tensor& before = s_.manual.writes[s_.chain.back()].value;
    const std::int64_t righted = elements_righted(before, value, s_.truth.tensor, s_.tolerance);
    if (righted <= most_righted_ || !is_telling(righted, s_.truth.tensor)) return;
    most_righted_ = righted;
    part_ = repair_of(candidate);
    part_->is_part = true;
  }

  Repair repair_of(const Candidate& candidate) const {
    const Edit& edit = candidate.edit;
    Repair repair = candidate.repair();
    if (edit.change == Change::scale && edit.factor == 1) note_dropped_factor(repair);
    const bool may_be_constant = edit.change == Change::extra_factor ||
                                 edit.change == Change::missing_factor ||
                                 edit.change == Change::operation;
    if (may_be_constant && candidate.write == s_.chain.back() && s_.truth.tensor.numel() > 2) {
      note_dropped_factor(repair);
      if (repair.factor != 1) repair.change = Change::scale;
    }
    return repair;
  }

  /// The whole's factor, where a constant was dropped or added inside it.
  void note_dropped_factor(Repair& repair) const {
    const at::Tensor& value = s_.manual.writes[s_.chain.back()].value;
    const double factor = proportion(value, s_.truth.tensor, s_.tolerance);
    if (factor != 0) repair.factor = factor;
  }

  bool solve_scaling(Candidate& candidate) {
    const auto k =
        affine_solution(value_with(candidate, 0), value_with(candidate, 1), s_.truth.tensor);
    return k && is_right(value_with(candidate, *k)) && word_scaling(candidate.edit, *k);
  }

  /// A number that people write as it is: 2, 3, …
  static bool is_small(double k) {
    return std::abs(k - std::round(k)) <= 1e-9 && std::round(k) >= 2 && std::round(k) <= 6;
  }

  /// The scaled piece in the program's words; false where k is no number that anybody would write.
  bool word_scaling(Edit& edit, double k) const {
    if (std::abs(k) < 1e-9) {
      edit.change = Change::extra_term;
      edit.replacement.assign(1, '0');
      edit.is_scaling = false;
      return true;
    }
    const bool literal = edit.before.find_first_not_of("0123456789.e-") == std::string::npos;
    const double number = literal ? k * std::strtod(edit.before.c_str(), nullptr) : k;
    const std::string digits = fmt::format("{:.5g}", number);
    const bool plain =
        std::abs(std::strtod(digits.c_str(), nullptr) - number) <= 1e-9 * std::abs(number);
    const FactorText text =
        explain_factor(1 / k, with_constants(trial_.environment(), s_.program.text()), {});
    if (std::abs(k + 1) < 1e-9) {
      edit.change = Change::sign;
      edit.replacement = "(-" + edit.before + ")";
    } else if (literal && plain) {
      edit.replacement = digits;
    } else if (!literal && !text.multiply.empty()) {
      const std::string multiply =
          s_.program.arrays() ? numpy_spelling(text.multiply) : text.multiply;
      edit.replacement = fmt::format("({}{})", "(" + edit.before + ")", multiply);
      if (k < 0) edit.replacement = "(-" + edit.replacement + ")";
    } else if (!literal && k > 0 && is_small(k)) {
      edit.replacement = fmt::format("({} * ({}))", digits, edit.before);
    } else if (!literal && k > 0 && is_small(1 / k)) {
      edit.replacement = fmt::format("(({}) / {:.5g})", edit.before, 1 / k);
    } else {
      return false;
    }
    edit.after = edit.replacement;
    edit.factor = 1 / k;
    edit.is_scaling = false;
    return true;
  }

  const Suspects& s_;
  const RepairEffect& effect_;
  Trial trial_;
  Candidates candidates_;
  std::size_t refused_ = 0;
  std::optional<Repair> best_;
  std::size_t least_left_ = 0;  ///< gradients that the best leaves wrong
  std::optional<Repair> part_;
  std::int64_t most_righted_ = 0;    ///< elements of the goal that `part_` puts right
  std::optional<Repair> unsettled_;  ///< the first that is right for the goal alone
};

}  // namespace

std::optional<Repair> find_repair(const Suspects& suspects, const RepairEffect& effect) {
  return Search(suspects, effect).run();
}

}  // namespace gradient_check
