#include "gradient_check/diagnosis/blame/pairing.h"

#include <algorithm>
#include <map>

#include "gradient_check/diagnosis/blame/naming.h"

namespace gradient_check {
namespace {

/// Whether the expression is a sum with that variable as a term.
bool has_term(const Expr& expression, const std::string& name) {
  if (expression.is(ExprKind::name)) return expression.text == name;
  if (expression.is(ExprKind::paren)) return has_term(expression.children[0], name);
  if (expression.is(ExprKind::binary) && (expression.text == "+" || expression.text == "-"))
    return has_term(expression.children[0], name) || has_term(expression.children[1], name);
  return false;
}

/// Whether a write changes its variable by a method: d_x.index_add_(…).
bool changes_in_place(const Write& write) {
  return write.statement && write.statement->kind == StatementKind::expression;
}

/// Whether a later statement, of no loop, makes the variable anew from this one's value: d = d / n.
bool is_made_anew(const Write& write, const Write& later) {
  return write.iteration.empty() && later.iteration.empty() && later.statement &&
         (later.statement->kind == StatementKind::augment || later.expression);
}

/// Judges the writes of one trace. See judge.
class Judge {
 public:
  Judge(const Trace& manual, const std::vector<KnownValue>& known, const PairingRules& rules)
      : manual_(manual), known_(known), rules_(rules), judgements_(manual.writes.size()) {}

  std::vector<Judgement> run() {
    for (std::size_t i = 0; i < manual_.writes.size(); ++i)
      ++instances_[{manual_.writes[i].statement, manual_.writes[i].name}];
    judge_entries();
    for (std::size_t i = 0; i < manual_.writes.size(); ++i) {
      const Write& write = manual_.writes[i];
      const std::size_t instance = seen_[{write.statement, write.name}]++;
      if (rules_.given.count(i))
        judgements_[i].standing = Standing::given;
      else if (!judgements_[i].is_certain && write.value.defined())
        judge_variable(i, instance);
    }
    return std::move(judgements_);
  }

 private:
  using Key = std::pair<const Statement*, std::string>;

  bool same(const at::Tensor& a, const at::Tensor& b) const {
    return relative_difference(a, b) <= rules_.tolerance;
  }

  void judge_entries() {
    for (const auto& [key, entry] : manual_.entries) {
      const std::size_t index = aliased_write(manual_, entry);
      const KnownValue* truth = argument_adjoint(key);
      if (!truth || rules_.not_compared.count(key)) {
        judgements_[entry] = {Standing::given, truth, true, true};
        continue;
      }
      for (const std::size_t at : {entry, index}) {
        if (at != entry && (rules_.not_aliased.count(key) || is_right_by_name(at, truth))) continue;
        const bool right = same(manual_.writes[at].value, truth->tensor);
        judgements_[at] = {right ? Standing::right : Standing::wrong, truth, true, true};
      }
    }
  }

  /// Whether the variable is, by its own name, the adjoint of something other than the entry's key.
  bool is_right_by_name(std::size_t index, const KnownValue* truth) const {
    const Write& write = manual_.writes[index];
    if (!write.value.defined() || same(write.value, truth->tensor)) return false;
    const auto named = values_named_by(write, manual_, known_, rules_).values;
    return std::any_of(named.begin(), named.end(), [&](const KnownValue* value) {
      return value->kind == ValueKind::adjoint && value->name != truth->name &&
             same(write.value, value->tensor);
    });
  }

  const KnownValue* argument_adjoint(const std::string& name) const {
    for (const KnownValue& value : known_)
      if (value.kind == ValueKind::adjoint && value.line == 0 && value.name == name) return &value;
    return nullptr;
  }

  void judge_variable(std::size_t index, std::size_t instance) {
    const Write& write = manual_.writes[index];
    Judgement& judgement = judgements_[index];
    const auto [named, guess] =
        changes_given(index) ? NamedValues{} : values_named_by(write, manual_, known_, rules_);
    judgement.truth = intended(index, named, instance);
    if (judgement.truth && judgement.truth->tensor.sizes() != write.value.sizes()) {
      judgement = {Standing::wrong, judgement.truth, false, true};
      return;
    }
    const bool tells = tells_something(write);
    for (const KnownValue* value : named) {
      if (!same(write.value, value->tensor) || (!tells && value != judgement.truth)) continue;
      // What one use contributes is the whole only where the rest is added later.
      const bool part = value->kind == ValueKind::share && judgement.truth &&
                        !is_partial(manual_, index) &&
                        !same(judgement.truth->tensor, value->tensor);
      judgement = part ? Judgement{Standing::other, judgement.truth, false, true}
                       : Judgement{Standing::right, value, false, true};
      return;
    }
    // A multiple of what the name says is that gone wrong, though the forward have one too: of -x.
    const bool is_multiple =
        judgement.truth && proportion(write.value, judgement.truth->tensor, rules_.tolerance) != 0;
    for (const KnownValue& value : known_)
      if (tells && !is_multiple && same(write.value, value.tensor) &&
          !(value.kind == ValueKind::value && is_trivial(value))) {
        judgement.standing = Standing::other;
        if (!judgement.truth) judgement = {Standing::right, &value, false, false};
        return;
      }
    if (!judgement.truth || is_partial(manual_, index))
      judgement = {Standing::unknown, nullptr, false, false};
    else
      judgement = {Standing::wrong, judgement.truth, false, false, judgement.truth == guess};
  }

  /// Whether it changes a value of the forward in place: that name speaks of what it was.
  bool changes_given(std::size_t index) const {
    const Write& write = manual_.writes[index];
    return changes_in_place(write) &&
           std::any_of(write.reads.begin(), write.reads.end(), [&](std::size_t read) {
             return rules_.given.count(read) && manual_.writes[read].name == write.name;
           });
  }

  /// Whether it can be known by its value: zeros that were computed equal too much.
  static bool tells_something(const Write& write) {
    const Expr* expression = write.expression;
    const bool initialises = expression && expression->is(ExprKind::call) &&
                             expression->children[0].text.rfind("zeros", 0) == 0;
    return initialises || write.value.count_nonzero().item<std::int64_t>() > 0;
  }

  /// A value that anything could equal.
  static bool is_trivial(const KnownValue& value) { return value.tensor.numel() < 2; }

  /// What is carried to another iteration of a loop belongs to that one: where it is read. Else the
  /// write itself.
  const Write& first_use(std::size_t index) const {
    const Write& write = manual_.writes[index];
    for (std::size_t i = index + 1; i < manual_.writes.size(); ++i) {
      const Write& later = manual_.writes[i];
      if (std::find(later.reads.begin(), later.reads.end(), index) != later.reads.end())
        return later.iteration.empty() ? write : later;
    }
    return write;
  }

  /// Which of the candidates the write should have been.
  const KnownValue* intended(std::size_t index, const std::vector<const KnownValue*>& named,
                             std::size_t instance) const {
    const Write& write = manual_.writes[index];
    std::vector<const KnownValue*> whole;
    for (const KnownValue* value : named)
      if (value->kind != ValueKind::share) whole.push_back(value);
    if (whole.empty()) return nullptr;
    for (const KnownValue* value : whole)
      if (whole.size() > 1 && proportion(write.value, value->tensor, rules_.tolerance) != 0)
        return value;
    const Write& use = first_use(index);
    std::vector<const KnownValue*> here;
    for (const KnownValue* value : whole)
      if (!value->iteration.empty() &&
          (value->iteration == use.iteration || use.integers.count(value->iteration)))
        here.push_back(value);
    if (!here.empty()) return here.back();
    for (const KnownValue* value : whole)
      if (whole.size() > 1 && proportion(write.value, value->tensor, 1e-3) != 0) return value;
    // The backward goes through a loop in the opposite order.
    const std::size_t total = instances_.at({write.statement, write.name});
    if (total > 1 && whole.size() == total) return whole[total - 1 - instance];
    return whole.back();
  }

  const Trace& manual_;
  const std::vector<KnownValue>& known_;
  const PairingRules& rules_;
  std::vector<Judgement> judgements_;
  std::map<Key, std::size_t> instances_, seen_;
};

}  // namespace

std::vector<Judgement> judge(const Trace& manual, const std::vector<KnownValue>& known,
                             const PairingRules& rules) {
  return Judge(manual, known, rules).run();
}

std::size_t aliased_write(const Trace& manual, std::size_t index) {
  const Write& entry = manual.writes[index];
  if (!entry.is_entry || !entry.expression || !entry.expression->is(ExprKind::name)) return index;
  for (const std::size_t read : entry.reads)
    if (manual.writes[read].name == entry.expression->text) return read;
  return index;
}

bool is_partial(const Trace& manual, std::size_t index) {
  const Write& write = manual.writes[index];
  for (std::size_t i = index + 1; i < manual.writes.size(); ++i) {
    const Write& later = manual.writes[i];
    if (later.name != write.name || later.is_entry != write.is_entry) continue;
    if (std::find(later.reads.begin(), later.reads.end(), index) == later.reads.end()) return false;
    const bool augments = later.statement && later.statement->kind == StatementKind::augment &&
                          (later.statement->text == "+=" || later.statement->text == "-=");
    return augments || changes_in_place(later) || is_made_anew(write, later) ||
           (later.expression && has_term(*later.expression, write.name));
  }
  return false;
}

}  // namespace gradient_check
