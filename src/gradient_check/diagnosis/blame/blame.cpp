#include "gradient_check/diagnosis/blame/blame.h"

#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <set>

#include "gradient_check/diagnosis/blame/edited_text.h"
#include "gradient_check/diagnosis/blame/pairing.h"
#include "gradient_check/diagnosis/blame/search.h"
#include "gradient_check/diagnosis/blame/suspects.h"
#include "gradient_check/diagnosis/pattern.h"
#include "gradient_check/gradient/dtype_limits.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

constexpr int most_rounds = 40;
/// Elements of all tensors together above which few explanations are tried: each costs a run.
constexpr std::int64_t largest_searched = 1'000'000;

/// A culprit while the search goes on.
struct Charge {
  Culprit culprit;
  std::vector<std::size_t> edits;         ///< of the edited text, by index
  std::map<std::size_t, at::Tensor> put;  ///< values put in place, where there is no edit
  std::size_t write = 0;
};

class Investigation {
 public:
  /// `distrusted`: variables whose names are not believed.
  explicit Investigation(const BlameQuestion& question, std::set<std::string> distrusted = {})
      : q_(question), text_(question.program.text()), program_(&question.program) {
    rules_.distrusted = std::move(distrusted);
    rules_.adjoints = q_.program.adjoints();
    rules_.not_compared = q_.not_compared;
    rules_.tolerance = q_.dtype == at::kDouble ? 1e-9 : 64 * epsilon_of(q_.dtype);
  }

  Blame run() {
    Blame blame;
    std::int64_t elements = 0;
    for (const auto& [name, tensor] : q_.values) elements += tensor.numel();
    if (elements > largest_searched) budget_ = {0, 40, 10};
    known_ = known_of_forward();
    const EvaluationScope scope(q_.dtype);
    original_ = traced({});
    for (int round = 0; round < most_rounds; ++round)
      if (!next()) break;
    blame.unexplained = wrong_gradients(traced(overrides_));
    drop_the_needless();
    verify(blame.unexplained.empty());
    for (Charge& charge : charges_) blame.culprits.push_back(std::move(charge.culprit));
    return blame;
  }

  /// Names that were believed although putting their values right put nothing else right.
  const std::set<std::string>& weak() const { return weak_; }

 private:
  using Overrides = std::map<std::size_t, at::Tensor>;

  std::vector<KnownValue> known_of_forward() const {
    const EvaluationScope scope(q_.dtype, true);
    NamedTensors leaves;
    for (const auto& [name, tensor] : q_.values) {
      at::Tensor leaf = tensor.detach().clone();
      if (leaf.is_floating_point()) leaf.requires_grad_();
      leaves.set(name, leaf);
    }
    return known_values(q_.program.run_forward(leaves, q_.cotangent), q_.cotangent);
  }

  Trace traced(const Overrides& overrides) const { return traced(*program_, overrides); }
  Trace traced(const StepwiseProgram& program, const Overrides& overrides) const {
    TraceOptions options;
    options.overrides = overrides;
    return program.run_manual(clone_values(), q_.cotangent.clone(), options);
  }
  NamedTensors clone_values() const {
    NamedTensors copy;
    for (const auto& [name, tensor] : q_.values) copy.set(name, tensor.clone());
    return copy;
  }

  const KnownValue* truth_of(const std::string& gradient) const {
    for (const KnownValue& value : known_)
      if (value.kind == KnownValue::Kind::adjoint && value.line == 0 && value.name == gradient)
        return &value;
    return nullptr;
  }

  /// Gradients that differ from autograd's by more than the comparison allows.
  std::vector<std::string> wrong_gradients(const Trace& trace) const {
    std::vector<std::string> wrong;
    for (const auto& [name, entry] : trace.entries) {
      const auto allowed = q_.allowed.find(name);
      const KnownValue* truth = truth_of(name);
      if (allowed == q_.allowed.end() || !truth || q_.not_compared.count(name)) continue;
      const at::Tensor& value = trace.writes[entry].value;
      const bool comparable = relative_difference(value, truth->tensor) <= 1;
      const bool same_shape = value.defined() && value.sizes() == truth->tensor.sizes();
      if (!same_shape || (!comparable && relative_difference(value, truth->tensor) == 2) ||
          largest_magnitude(value.to(at::kDouble) - truth->tensor.to(at::kDouble)) >
              allowed->second)
        wrong.push_back(name);
    }
    return wrong;
  }

  /// Whether everything that is right with `before` is right with `after` too.
  bool keeps_right(const std::vector<std::string>& wrong_before, const Trace& after) const {
    for (const std::string& name : wrong_gradients(after))
      if (std::find(wrong_before.begin(), wrong_before.end(), name) == wrong_before.end())
        return false;
    return true;
  }

  /// Finds and puts right the next culprit; false where nothing is wrong any more.
  bool next() {
    const EvaluationScope scope(q_.dtype);
    const Trace manual = traced(overrides_);
    rules_.given = given_writes(manual);
    judgements_ = judge(manual, known_, rules_);
    const auto wrong = std::find_if(judgements_.begin(), judgements_.end(), [](const Judgement& j) {
      return j.standing == Standing::wrong;
    });
    if (wrong == judgements_.end()) return false;
    const auto index = static_cast<std::size_t>(wrong - judgements_.begin());
    const std::vector<std::string> before = wrong_gradients(manual);
    if (is_right_elsewhere(manual, index, before)) return true;
    const Goal goal = choose_goal(manual, index, before);
    if (!goal.is_certain && goal.write == index && righted_by(manual, goal, goal, before) <= 1)
      weak_.insert(manual.writes[index].name);
    if (!goal.is_certain) {
      Overrides tried = overrides_;
      tried[goal.write] = goal.truth->tensor;
      for (const auto& [other, truth] : goal.others) tried[other] = truth->tensor;
      if (!keeps_right(before, traced(tried))) {
        rules_.distrusted.insert(manual.writes[goal.write].name);
        return true;
      }
    }
    charge(manual, goal, before);
    return true;
  }

  struct Goal {
    std::size_t write = 0;
    const KnownValue* truth = nullptr;
    bool is_certain = false;
    /// The same statement's writes in other iterations, with what each should be.
    std::map<std::size_t, const KnownValue*> others;
    at::Tensor value;  ///< what it is
  };

  /// The other writes of a loop's statement, paired with the same forward value in the iterations
  /// that correspond: in the same or in the opposite order. Empty outside of loops.
  std::map<std::size_t, const KnownValue*> other_instances(const Trace& manual, std::size_t read,
                                                           const KnownValue* truth) const {
    std::vector<std::size_t> writes;
    for (std::size_t i = 0; i < manual.writes.size(); ++i)
      if (manual.writes[i].statement == manual.writes[read].statement &&
          manual.writes[i].name == manual.writes[read].name)
        writes.push_back(i);
    std::vector<const KnownValue*> values;
    for (const KnownValue& value : known_)
      if (value.kind == truth->kind && value.text == truth->text && value.line == truth->line &&
          value.consumer == truth->consumer)
        values.push_back(&value);
    std::map<std::size_t, const KnownValue*> others;
    if (writes.size() < 2 || writes.size() != values.size()) return others;
    const auto at =
        static_cast<std::size_t>(std::find(writes.begin(), writes.end(), read) - writes.begin());
    const auto of =
        static_cast<std::size_t>(std::find(values.begin(), values.end(), truth) - values.begin());
    const bool reversed = of == writes.size() - 1 - at;
    if (!reversed && of != at) return others;
    for (std::size_t k = 0; k < writes.size(); ++k)
      if (k != at) others[writes[k]] = values[reversed ? writes.size() - 1 - k : k];
    return others;
  }

  /// Whether `index` is a variable that the dictionary returns as it is and that others read
  /// rightly: then the entry is wrong, not the variable.
  bool is_right_elsewhere(const Trace& manual, std::size_t index,
                          const std::vector<std::string>& before) {
    for (const auto& [key, entry] : manual.entries) {
      if (entry == index || aliased_write(manual, entry) != index || rules_.not_aliased.count(key))
        continue;
      bool kept = false;
      try {
        Overrides tried = overrides_;
        tried[index] = judgements_[index].truth->tensor;
        kept = keeps_right(before, traced(tried));
      } catch (const std::exception&) {
      }
      if (!kept) return rules_.not_aliased.insert(key).second;
    }
    return false;
  }

  /// The write to put right: `index`, or one that it is made of and of which no name says that it
  /// is right, where a known value in its place makes `index` right and more than `index` alone
  /// would.
  Goal choose_goal(const Trace& manual, std::size_t index, const std::vector<std::string>& before) {
    Goal best{index,
              judgements_[index].truth,
              judgements_[index].is_certain,
              {},
              manual.writes[index].value};
    const Goal goal = best;
    const std::vector<std::size_t> doubtful = doubtful_reads(manual, judgements_, index);
    if (doubtful.empty() || q_.guards_only) return goal;
    std::size_t most = righted_by(manual, goal, goal, before);
    for (const std::size_t read : doubtful) {
      const bool named = judgements_[read].truth && judgements_[read].standing == Standing::other;
      for (const KnownValue* truth :
           possible_truths(manual.writes[read], judgements_[read], goal)) {
        Goal tried{read, truth, false, {}, manual.writes[read].value};
        std::size_t righted = righted_by(manual, tried, goal, before);
        if (righted == 0) {
          tried.others = other_instances(manual, read, truth);
          if (!tried.others.empty()) righted = righted_by(manual, tried, goal, before);
        }
        const bool plain = named && truth == judgements_[read].truth;
        const bool proportional = !truth->is_multiple &&
                                  proportion(manual.writes[read].value, truth->tensor, 1e-3) != 0 &&
                                  manual.writes[read].value.numel() >= 3;
        // That the goal's own statement turns this value into the right one cannot be chance; where
        // the value is some known one already, it must put more right than that.
        const bool unknown = judgements_[read].standing == Standing::unknown;
        const bool tells =
            plain || proportional ||
            (unknown && !truth->is_multiple && righted >= most && best.write == index);
        if (righted == 0 || (righted <= most && !tells)) continue;
        if (plain || proportional) return tried;
        most = righted;
        best = tried;
      }
    }
    return best;
  }

  /// Known values that a write might have been meant to be; the one of its name first.
  std::vector<const KnownValue*> possible_truths(const Write& write, const Judgement& judgement,
                                                 const Goal& goal) const {
    std::vector<const KnownValue*> truths;
    const auto add = [&](const KnownValue* value) {
      if (value->tensor.sizes() != write.value.sizes() ||
          relative_difference(value->tensor, write.value) <= rules_.tolerance ||
          (value->tensor.sizes() == goal.truth->tensor.sizes() &&
           relative_difference(value->tensor, goal.truth->tensor) <= rules_.tolerance))
        return;
      for (const KnownValue* known : truths)
        if (relative_difference(known->tensor, value->tensor) <= rules_.tolerance) return;
      truths.push_back(value);
    };
    if (judgement.standing == Standing::other && judgement.truth) add(judgement.truth);
    if (const KnownValue* value = proportional_value(write.value, known_, goal.truth)) add(value);
    if (const KnownValue* value = unscaled(write, judgement, goal)) add(value);
    for (const bool forward : {false, true})
      for (const KnownValue& value : known_)
        if ((value.kind == KnownValue::Kind::value) == forward && truths.size() < 40) add(&value);
    return truths;
  }

  /// Where the goal is a multiple of its right value, the write less that factor.
  const KnownValue* unscaled(const Write& write, const Judgement& judgement,
                             const Goal& goal) const {
    if (judgement.standing != Standing::unknown || goal.value.numel() < 2) return nullptr;
    const double factor = proportion(goal.value, goal.truth->tensor, rules_.tolerance);
    if (factor == 0) return nullptr;
    made_up_.push_back(
        {KnownValue::Kind::value, "", write.name, write.value / factor, 0, "", "", true});
    return &made_up_.back();
  }

  /// How many wrong values become right with `tried` in its place; 0 where `goal` does not, or
  /// where something right becomes wrong.
  std::size_t righted_by(const Trace& manual, const Goal& tried, const Goal& goal,
                         const std::vector<std::string>& before) const {
    if (tried.write != goal.write && --budget_.traces < 0) return 0;
    Overrides overrides = overrides_;
    overrides[tried.write] = tried.truth->tensor;
    for (const auto& [index, truth] : tried.others) overrides[index] = truth->tensor;
    if (tried.write != goal.write) {
      TraceOptions options;
      options.overrides = overrides;
      options.last = goal.write;
      const Trace part = program_->run_manual(clone_values(), q_.cotangent.clone(), options);
      if (part.writes.size() <= goal.write ||
          relative_difference(part.writes[goal.write].value, goal.truth->tensor) > rules_.tolerance)
        return 0;
    }
    const Trace after = traced(overrides);
    if (after.writes.size() != manual.writes.size() || !keeps_right(before, after)) return 0;
    std::size_t righted = 0;
    for (std::size_t i = 0; i < judgements_.size(); ++i)
      if (judgements_[i].standing == Standing::wrong && i != tried.write &&
          relative_difference(after.writes[i].value, judgements_[i].truth->tensor) <=
              rules_.tolerance)
        ++righted;
    return righted + (tried.write == goal.write ? 1 : 0);
  }

  Charge* charge_of(const Write& write) {
    for (Charge& charge : charges_)
      if (write.statement && original_.writes[charge.write].statement &&
          write.statement->line == original_.writes[charge.write].statement->line &&
          write.name == charge.culprit.subject)
        return &charge;
    return nullptr;
  }

  void charge(const Trace& manual, const Goal& goal, const std::vector<std::string>& before) {
    const Write& write = manual.writes[goal.write];
    if (Charge* known = charge_of(write); known && known->edits.empty()) {
      put_right(*known, write, goal);
      return;
    }
    Charge charge;
    charge.write = goal.write;
    const ManualRun run{q_.values, q_.cotangent, overrides_, &budget_};
    std::vector<std::size_t> chain = chain_of(manual, judgements_, goal.write);
    if (goal.write < manual.writes.size()) {
      const Suspects suspects{
          *program_,   run,    manual,           chain,
          *goal.truth, known_, rules_.tolerance, shared_by_wrong(manual, chain, goal.write)};
      if (swap(manual, goal, charge) || is_guard_alone(manual, goal, chain, charge) ||
          (!q_.guards_only && (explain(suspects, charge, before) ||
                               explain_without_guards(manual, goal, chain, charge, before)))) {
        describe(charge, goal, manual);
        charges_.push_back(std::move(charge));
        return;
      }
    }
    charge.write = goal.write;
    describe(charge, goal, manual);
    put_right(charge, write, goal);
    charges_.push_back(std::move(charge));
  }

  /// The writes of a chain that a wrong value outside of it is made of as well.
  std::set<std::size_t> shared_by_wrong(const Trace& manual, const std::vector<std::size_t>& chain,
                                        std::size_t goal) const {
    std::set<std::size_t> shared;
    for (std::size_t i = goal + 1; i < judgements_.size(); ++i) {
      if (judgements_[i].standing != Standing::wrong) continue;
      const std::vector<std::size_t> other = chain_of(manual, judgements_, i);
      for (const std::size_t index : chain)
        if (index != goal && std::find(other.begin(), other.end(), index) != other.end())
          shared.insert(index);
    }
    return shared;
  }

  void put_right(Charge& charge, const Write& write, const Goal& goal) {
    charge.put[goal.write] = goal.truth->tensor;
    overrides_[goal.write] = goal.truth->tensor;
    for (const auto& [index, truth] : goal.others)
      charge.put[index] = overrides_[index] = truth->tensor;
    if (!write.iteration.empty()) charge.culprit.iterations.push_back(write.iteration);
  }

  /// Two gradients under each other's names.
  bool swap(const Trace& manual, const Goal& goal, Charge& charge) {
    if (!goal.is_certain) return false;
    const at::Tensor& value = manual.writes[goal.write].value;
    for (const auto& [key, entry] : manual.entries) {
      const KnownValue* other = truth_of(key);
      const Write& second = manual.writes[entry];
      if (!other || other == goal.truth ||
          relative_difference(value, other->tensor) > rules_.tolerance ||
          relative_difference(second.value, goal.truth->tensor) > rules_.tolerance)
        continue;
      const std::size_t first_entry = entry_named(manual, goal.truth->name);
      const std::size_t a = std::min(first_entry, entry), b = std::max(first_entry, entry);
      charge.culprit.change = Change::swap;
      charge.culprit.before = manual.writes[a].name;
      charge.culprit.after = manual.writes[b].name;
      charge.write = a;
      charge.put[a] = manual.writes[b].value;
      charge.put[b] = manual.writes[a].value;
      overrides_[a] = charge.put[a];
      overrides_[b] = charge.put[b];
      exchange_expressions(manual.writes[a], manual.writes[b], charge);
      return true;
    }
    return false;
  }

  static std::size_t entry_named(const Trace& manual, const std::string& name) {
    return manual.entries.at(name);
  }

  void exchange_expressions(const Write& a, const Write& b, Charge& charge) {
    if (!a.expression || !b.expression) return;
    const auto text = [&](const Expr& e) {
      return program_->text().substr(e.span.begin, e.span.end - e.span.begin);
    };
    Edit first, second;
    first.span = a.expression->span;
    first.replacement = text(*b.expression);
    second.span = b.expression->span;
    second.replacement = text(*a.expression);
    const auto subject = compiled(text_.with({first, second}));
    if (!subject) return;
    charge.edits = text_.add({first, second});
    for (const auto& [index, value] : charge.put) overrides_.erase(index);
    charge.put.clear();
    adopt();
  }

  std::unique_ptr<Subject> compiled(const std::string& text) const {
    try {
      auto subject = q_.program.edited(text, 0);
      if (subject->stepwise()) return subject;
    } catch (const std::exception&) {
    }
    return nullptr;
  }

  /// Goes on with the edited text.
  void adopt() {
    if (auto subject = compiled(text_.current())) {
      program_ = subject->stepwise();
      subjects_.push_back(std::move(subject));
    }
  }

  bool explain(const Suspects& suspects, Charge& charge, const std::vector<std::string>& before) {
    const auto repair = find_repair(suspects);
    if (!repair) return false;
    Culprit& culprit = charge.culprit;
    culprit.change = repair->change;
    culprit.before = repair->before;
    culprit.after = repair->after;
    culprit.within = repair->within;
    culprit.factor = repair->factor;
    culprit.factor_text = repair->factor_text;
    culprit.missing_line = repair->missing_line;
    culprit.missing_line_text = repair->missing_text;
    if (repair->write) charge.write = *repair->write;
    if (!repair->write && !repair->edits.empty())
      culprit.helper = q_.program.place_of({text_.to_original(repair->edits[0].span.begin),
                                            text_.to_original(repair->edits[0].span.end)});
    if (!repair->edits.empty() && takes(repair->edits, suspects, before, charge)) return true;
    // What explains one iteration of a loop and not the others explains nothing.
    if (is_repeated(suspects.manual, suspects.chain.back())) {
      charge.culprit = Culprit();
      charge.write = suspects.chain.back();
      return false;
    }
    charge.put[suspects.chain.back()] = suspects.truth.tensor;
    overrides_[suspects.chain.back()] = suspects.truth.tensor;
    return true;
  }

  /// Whether a loop runs the statement of that write more than once.
  static bool is_repeated(const Trace& manual, std::size_t index) {
    const Write& write = manual.writes[index];
    return std::count_if(manual.writes.begin(), manual.writes.end(), [&](const Write& other) {
             return other.statement == write.statement && other.name == write.name;
           }) > 1;
  }

  /// Whether every write of the goal's statement that was wrong is right after an edit.
  bool rights_repeated(const Suspects& suspects, const Trace& after) const {
    const Write& goal = suspects.manual.writes[suspects.chain.back()];
    for (std::size_t i = 0; i < judgements_.size(); ++i)
      if (judgements_[i].standing == Standing::wrong &&
          suspects.manual.writes[i].statement == goal.statement && !is_partial(after, i) &&
          relative_difference(after.writes[i].value, judgements_[i].truth->tensor) >
              rules_.tolerance)
        return false;
    return true;
  }

  /// Makes the edits where the whole program then has the right value and loses nothing.
  bool takes(const std::vector<Edit>& edits, const Suspects& suspects,
             const std::vector<std::string>& before, Charge& charge) {
    auto subject = compiled(text_.with(edits));
    if (!subject) return false;
    try {
      const Trace after = traced(*subject->stepwise(), overrides_);
      if (after.writes.size() != suspects.manual.writes.size() || !keeps_right(before, after) ||
          relative_difference(after.writes[suspects.chain.back()].value, suspects.truth.tensor) >
              rules_.tolerance)
        return false;
      if (is_repeated(suspects.manual, suspects.chain.back()) && !rights_repeated(suspects, after))
        return false;
    } catch (const std::exception&) {
      return false;
    }
    const std::vector<std::size_t> added = text_.add(edits);
    charge.edits.insert(charge.edits.end(), added.begin(), added.end());
    program_ = subject->stepwise();
    subjects_.push_back(std::move(subject));
    return true;
  }

  /// The suspects' statements with `+ 1e-7` and the like taken out.
  struct Unguarded {
    std::vector<Edit> guards;
    std::unique_ptr<Subject> subject;
    Trace trace;
  };

  std::optional<Unguarded> unguarded(const Trace& manual,
                                     const std::vector<std::size_t>& chain) const {
    Unguarded result;
    std::set<const Expr*> seen;
    for (const std::size_t index : chain)
      if (const Expr* expression = expression_of(manual.writes[index]);
          expression && seen.insert(expression).second)
        for (Edit& guard : guards_in(*expression, program_->text()))
          result.guards.push_back(std::move(guard));
    if (result.guards.empty()) return std::nullopt;
    result.subject = compiled(text_.with(result.guards));
    if (!result.subject) return std::nullopt;
    result.trace = traced(*result.subject->stepwise(), overrides_);
    if (result.trace.writes.size() != manual.writes.size()) return std::nullopt;
    return result;
  }

  void take_guards(Unguarded& without, const Trace& manual, const Goal& goal, Charge& charge) {
    charge.culprit.guard = GuardEffect{without.guards[0].before,
                                       relative_difference(manual.writes[goal.write].value,
                                                           without.trace.writes[goal.write].value)};
    charge.edits = text_.add(without.guards);
    program_ = without.subject->stepwise();
    subjects_.push_back(std::move(without.subject));
  }

  bool is_guard_alone(const Trace& manual, const Goal& goal, const std::vector<std::size_t>& chain,
                      Charge& charge) {
    auto without = unguarded(manual, chain);
    if (!without || relative_difference(without->trace.writes[goal.write].value,
                                        goal.truth->tensor) > rules_.tolerance)
      return false;
    take_guards(*without, manual, goal, charge);
    charge.write = guarded_write(manual, chain, without->guards[0]);
    charge.culprit.only_guard = true;
    charge.culprit.change = Change::guard;
    return true;
  }

  static std::size_t guarded_write(const Trace& manual, const std::vector<std::size_t>& chain,
                                   const Edit& guard) {
    for (const std::size_t index : chain)
      if (const Expr* expression = expression_of(manual.writes[index]))
        if (expression->span.begin <= guard.span.begin && guard.span.end <= expression->span.end)
          return index;
    return chain.back();
  }

  /// Explains what is left with the guards taken out.
  bool explain_without_guards(const Trace& manual, const Goal& goal,
                              const std::vector<std::size_t>& chain, Charge& charge,
                              const std::vector<std::string>& before) {
    auto without = unguarded(manual, chain);
    if (!without) return false;
    const StepwiseProgram* with_guards = program_;
    const EditedText text_before = text_;
    take_guards(*without, manual, goal, charge);
    const ManualRun run{q_.values, q_.cotangent, overrides_, &budget_};
    if (explain({*program_, run, without->trace, chain, *goal.truth, known_, rules_.tolerance, {}},
                charge, before))
      return true;
    program_ = with_guards;
    text_ = text_before;
    charge.edits.clear();
    charge.culprit.guard.reset();
    return false;
  }

  void describe(Charge& charge, const Goal& goal, const Trace& manual) {
    Culprit& culprit = charge.culprit;
    const Write& write = original_.writes[charge.write];
    culprit.subject = write.name;
    culprit.iterations = write.iteration.empty() ? std::vector<std::string>{}
                                                 : std::vector<std::string>{write.iteration};
    const Span span = write.is_entry && write.expression ? write.expression->span
                      : write.statement                  ? write.statement->span
                                                         : Span{};
    culprit.place = q_.program.place_of(span);
    culprit.statement = q_.program.text().substr(span.begin, span.end - span.begin);
    culprit.value = manual.writes[charge.write].value;
    if (goal.write == charge.write || culprit.change == Change::swap) {
      culprit.truth = goal.truth->tensor;
      if (goal.truth->kind == KnownValue::Kind::adjoint ||
          goal.truth->kind == KnownValue::Kind::share) {
        culprit.adjoint_of = name_of(*goal.truth);
        culprit.truth_text = "∂loss/∂" + culprit.adjoint_of;
      } else if (goal.truth->kind == KnownValue::Kind::slope) {
        culprit.truth_text = fmt::format("∂{}/∂{}", goal.truth->text, goal.truth->consumer);
      } else if (!goal.truth->is_multiple) {
        culprit.truth_text = "the forward's " + goal.truth->text;
      }
    }
    const bool in_place = write.statement && write.statement->kind == Statement::Kind::expression;
    const bool subscripted = write.statement && !write.statement->targets.empty() &&
                             write.statement->targets[0].is(Expr::Kind::subscript);
    culprit.writes_a_part =
        !write.is_entry && (in_place || (subscripted && (culprit.change == Change::none ||
                                                         culprit.change == Change::scale)));
    if (culprit.truth.defined() && culprit.value.defined()) note_elements(culprit);
    culprit.gradients = gradients_after(original_, charge.write);
    if (culprit.change == Change::swap) culprit.gradients = {culprit.before, culprit.after};
  }

  /// The variable that has that adjoint, where there is one; else the expression.
  std::string name_of(const KnownValue& truth) const {
    if (!truth.name.empty()) return truth.name;
    for (const KnownValue& value : known_)
      if (value.kind == KnownValue::Kind::adjoint && !value.name.empty() &&
          value.line == truth.line &&
          relative_difference(value.tensor, truth.tensor) <= rules_.tolerance)
        return value.name;
    return truth.text;
  }

  void note_elements(Culprit& culprit) const {
    culprit.largest_error = relative_difference(culprit.value, culprit.truth);
    std::vector<std::int64_t> wrong = differing(culprit.value, culprit.truth, rules_.tolerance);
    if (!most_are_right(culprit.value, culprit.truth, wrong)) return;
    std::vector<std::pair<std::string, at::Tensor>> conditions;
    for (const KnownValue& known : known_)
      if (known.kind == KnownValue::Kind::value) conditions.emplace_back(known.text, known.tensor);
    culprit.pattern = describe_elements(wrong, culprit.truth.sizes().vec(), conditions);
    culprit.wrong_elements = std::move(wrong);
  }

  /// Drops culprits without which every gradient matches as well, but for those that are guards.
  void drop_the_needless() {
    for (std::size_t i = 0; i < charges_.size();) {
      const bool needed = !wrong_without({i}).empty() || charges_[i].culprit.only_guard;
      if (needed)
        ++i;
      else
        charges_.erase(charges_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    // A value that was right in its own scale, and the one that undoes the change made to it.
    for (std::size_t i = 0; i < charges_.size(); ++i)
      for (std::size_t j = i + 1; j < charges_.size(); ++j)
        if (charges_.size() > 2 && wrong_without({i, j}).empty()) {
          charges_.erase(charges_.begin() + static_cast<std::ptrdiff_t>(j));
          charges_.erase(charges_.begin() + static_cast<std::ptrdiff_t>(i));
          return;
        }
  }

  std::vector<std::string> wrong_without(const std::set<std::size_t>& left_out) const {
    const EvaluationScope scope(q_.dtype);
    std::vector<std::size_t> edits;
    Overrides overrides;
    for (std::size_t i = 0; i < charges_.size(); ++i) {
      if (left_out.count(i)) continue;
      edits.insert(edits.end(), charges_[i].edits.begin(), charges_[i].edits.end());
      overrides.insert(charges_[i].put.begin(), charges_[i].put.end());
    }
    try {
      const auto subject = q_.program.edited(text_.only(edits), 0);
      return wrong_gradients(traced(*subject->stepwise(), overrides));
    } catch (const std::exception&) {
      return {"?"};
    }
  }

  /// Runs the whole check on the program with all edits, at its point and at another.
  void verify(bool all_match) {
    const bool complete = std::all_of(charges_.begin(), charges_.end(),
                                      [](const Charge& charge) { return !charge.edits.empty(); });
    bool passes = false;
    std::vector<std::size_t> edits;
    for (const Charge& charge : charges_)
      edits.insert(edits.end(), charge.edits.begin(), charge.edits.end());
    if (complete && all_match && !charges_.empty()) {
      try {
        passes = q_.passes(*q_.program.edited(text_.only(edits), 0)) &&
                 q_.passes(*q_.program.edited(text_.only(edits), 0.1));
      } catch (const std::exception&) {
      }
    }
    for (Charge& charge : charges_) {
      charge.culprit.proved = all_match;
      if (charge.edits.empty()) continue;
      charge.culprit.fix = fix_of(charge);
      charge.culprit.fix->verified = passes;
    }
  }

  Fix fix_of(const Charge& charge) const {
    const Write& write = original_.writes[charge.write];
    Span span = write.is_entry && write.expression ? write.expression->span
                : write.statement                  ? write.statement->span
                                                   : Span{};
    return text_.fix(charge.edits, span);
  }

  const BlameQuestion& q_;
  EditedText text_;
  const StepwiseProgram* program_;
  std::vector<std::unique_ptr<Subject>> subjects_;
  std::vector<KnownValue> known_;
  PairingRules rules_;
  Trace original_;
  std::vector<Judgement> judgements_;
  Overrides overrides_;
  std::vector<Charge> charges_;
  std::set<std::string> weak_;
  mutable SearchBudget budget_;
  mutable std::deque<KnownValue> made_up_;
};

/// The lower, the better an account of what is wrong.
std::array<std::size_t, 3> score(const Blame& blame) {
  std::array<std::size_t, 3> score{blame.unexplained.size(), 0, 0};
  for (const Culprit& culprit : blame.culprits) {
    score[1] += culprit.change == Change::none || culprit.change == Change::operation ? 1 : 0;
    score[2] += culprit.only_guard ? 0 : 1;
  }
  return score;
}

}  // namespace

Blame find_blame(const BlameQuestion& question) {
  try {
    Investigation first(question);
    Blame blame = first.run();
    if (first.weak().empty()) return blame;
    if (question.guards_only) return blame;
    Blame other = Investigation(question, first.weak()).run();
    return score(other) < score(blame) ? other : blame;
  } catch (const std::exception& error) {
    Blame blame;
    blame.why_not = error.what();
    return blame;
  }
}

}  // namespace gradient_check
