#include "gradient_check/diagnosis/blame/pairing.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "gradient_check/diagnosis/blame/edit.h"

namespace gradient_check {
namespace {

using Kind = KnownValue::Kind;

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.size() > prefix.size() && text.compare(0, prefix.size(), prefix) == 0;
}
bool ends_with(const std::string& text, const std::string& suffix) {
  return text.size() > suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

/// Whether the expression is a sum with that variable as a term.
bool has_term(const Expr& expression, const std::string& name) {
  if (expression.is(Expr::Kind::name)) return expression.text == name;
  if (expression.is(Expr::Kind::paren)) return has_term(expression.children[0], name);
  if (expression.is(Expr::Kind::binary) && (expression.text == "+" || expression.text == "-"))
    return has_term(expression.children[0], name) || has_term(expression.children[1], name);
  return false;
}

/// Whether a write changes its variable by a method: d_x.index_add_(…).
bool changes_in_place(const Write& write) {
  return write.statement && write.statement->kind == Statement::Kind::expression;
}

/// Whether a later statement, of no loop, makes the variable anew from this one's value: d = d / n.
bool is_made_anew(const Write& write, const Write& later) {
  return write.iteration.empty() && later.iteration.empty() && later.statement &&
         (later.statement->kind == Statement::Kind::augment || later.expression);
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
      judgements_[i].is_guess = judgements_[i].truth == guessed_ && guessed_ != nullptr;
      guessed_ = nullptr;
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
  bool is_right_by_name(std::size_t index, const KnownValue* truth) {
    const Write& write = manual_.writes[index];
    if (!write.value.defined() || same(write.value, truth->tensor)) return false;
    const std::vector<const KnownValue*> named = candidates(write);
    return std::any_of(named.begin(), named.end(), [&](const KnownValue* value) {
      return value->kind == Kind::adjoint && value->name != truth->name &&
             same(write.value, value->tensor);
    });
  }

  const KnownValue* argument_adjoint(const std::string& name) const {
    for (const KnownValue& value : known_)
      if (value.kind == Kind::adjoint && value.line == 0 && value.name == name) return &value;
    return nullptr;
  }

  void judge_variable(std::size_t index, std::size_t instance) {
    const Write& write = manual_.writes[index];
    Judgement& judgement = judgements_[index];
    const std::vector<const KnownValue*> named = candidates(write);
    judgement.truth = intended(write, named, instance);
    if (judgement.truth && judgement.truth->tensor.sizes() != write.value.sizes()) {
      judgement = {Standing::wrong, judgement.truth, false, true};
      return;
    }
    const bool tells = tells_something(write);
    for (const KnownValue* value : named) {
      if (!same(write.value, value->tensor) || (!tells && value != judgement.truth)) continue;
      // What one use contributes is the whole only where the rest is added later.
      const bool part = value->kind == Kind::share && judgement.truth &&
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
          !(value.kind == Kind::value && is_trivial(value))) {
        judgement.standing = Standing::other;
        if (!judgement.truth) judgement = {Standing::right, &value, false, false};
        return;
      }
    if (!judgement.truth || is_partial(manual_, index))
      judgement = {Standing::unknown, nullptr, false, false};
    else
      judgement.standing = Standing::wrong;
  }

  /// Whether it can be known by its value: zeros that were computed equal too much.
  static bool tells_something(const Write& write) {
    const Expr* expression = write.expression;
    const bool initialises = expression && expression->is(Expr::Kind::call) &&
                             expression->children[0].text.rfind("zeros", 0) == 0;
    return initialises || write.value.count_nonzero().item<std::int64_t>() > 0;
  }

  /// A value that anything could equal.
  static bool is_trivial(const KnownValue& value) { return value.tensor.numel() < 2; }

  /// Forward values that the write's name pairs it with; those of its shape alone.
  std::vector<const KnownValue*> candidates(const Write& write) {
    std::vector<const KnownValue*> found;
    const auto add = [&](const std::string& base, bool adjoint) {
      for (const KnownValue& value : known_) {
        const bool kind = adjoint ? value.kind == Kind::adjoint || value.kind == Kind::share
                                  : value.kind == Kind::value;
        if (kind && (value.name == base || (adjoint && value.text == base)) &&
            value.tensor.sizes() == write.value.sizes())
          found.push_back(&value);
      }
    };
    for (const auto& [adjoint, base] : rules_.adjoints)
      if (adjoint == write.name) add(base, true);
    if (!found.empty() || rules_.distrusted.count(write.name)) return found;
    for (const std::string& base : adjoint_bases(write.name)) add(base, true);
    if (found.empty()) add(write.name, false);
    if (found.empty()) add_larger(write, found);
    if (found.empty()) add_of_other_shape(write, found);
    if (found.empty()) add_last_unclaimed(write, found);
    return found;
  }

  /// The forward's value of that name where it has as many dimensions: a reduction may be the wrong
  /// one.
  void add_of_other_shape(const Write& write, std::vector<const KnownValue*>& found) const {
    for (const KnownValue& value : known_)
      if (value.kind == Kind::value && value.name == write.name && value.line > 0 &&
          write.iteration.empty() && value.tensor.dim() == write.value.dim() &&
          value.tensor.sizes() != write.value.sizes())
        found.push_back(&value);
  }

  /// Where no variable has the name that an adjoint's name speaks of: the adjoint of the only
  /// forward variable of its shape that no name speaks of.
  void add_last_unclaimed(const Write& write, std::vector<const KnownValue*>& found) {
    if (adjoint_bases(write.name).empty() || write.value.numel() < 2 || !write.iteration.empty())
      return;
    const KnownValue* only = nullptr;
    for (const KnownValue& value : known_) {
      if (value.kind != Kind::adjoint || value.name.empty() || value.line == 0 ||
          value.tensor.sizes() != write.value.sizes() || is_claimed(value.name))
        continue;
      if (only && only->name != value.name) return;
      only = &value;
    }
    if (!only) return;
    found.push_back(only);
    guessed_ = only;
  }

  /// Whether a variable's name says that it is the adjoint of `name`.
  bool is_claimed(const std::string& name) const {
    return std::any_of(manual_.writes.begin(), manual_.writes.end(), [&](const Write& write) {
      const std::vector<std::string> bases = adjoint_bases(write.name);
      return !write.is_entry && std::find(bases.begin(), bases.end(), name) != bases.end();
    });
  }

  /// Adjoints that a write's name pairs it with, and that it would broadcast to: it lacks a factor.
  void add_larger(const Write& write, std::vector<const KnownValue*>& found) const {
    for (const std::string& base : adjoint_bases(write.name))
      for (const KnownValue& value : known_)
        if (value.kind == Kind::adjoint && value.name == base && write.value.numel() > 1 &&
            value.tensor.dim() == write.value.dim() &&
            broadcasts(write.value.sizes(), value.tensor.sizes()))
          found.push_back(&value);
  }

  /// Which of the candidates the write should have been.
  const KnownValue* intended(const Write& write, const std::vector<const KnownValue*>& named,
                             std::size_t instance) const {
    std::vector<const KnownValue*> whole;
    for (const KnownValue* value : named)
      if (value->kind != Kind::share) whole.push_back(value);
    if (whole.empty()) return nullptr;
    for (const KnownValue* value : whole)
      if (whole.size() > 1 && proportion(write.value, value->tensor, rules_.tolerance) != 0)
        return value;
    std::vector<const KnownValue*> here;
    for (const KnownValue* value : whole)
      if (!value->iteration.empty() &&
          (value->iteration == write.iteration || write.integers.count(value->iteration)))
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
  const KnownValue* guessed_ = nullptr;  ///< what add_last_unclaimed found for the write
  std::map<Key, std::size_t> instances_, seen_;
};

}  // namespace

std::vector<std::string> adjoint_bases(const std::string& name) {
  std::vector<std::string> bases;
  for (const char* prefix : {"d_", "grad_", "g_", "delta_", "dL_d", "dl_d", "dloss_d", "d_loss_d_",
                             "dL_d_", "dJ_d", "adj_", "bar_", "d"})
    if (starts_with(name, prefix)) bases.push_back(name.substr(std::string(prefix).size()));
  for (const char* suffix : {"_grad", "_g", "_bar", "_delta", "_adj", "_d"})
    if (ends_with(name, suffix))
      bases.push_back(name.substr(0, name.size() - std::string(suffix).size()));
  // dW for w, dZ1 for z1.
  const std::size_t count = bases.size();
  for (std::size_t i = 0; i < count; ++i) {
    std::string lower = bases[i];
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower != bases[i]) bases.push_back(lower);
  }
  return bases;
}

std::vector<Judgement> judge(const Trace& manual, const std::vector<KnownValue>& known,
                             const PairingRules& rules) {
  return Judge(manual, known, rules).run();
}

std::size_t aliased_write(const Trace& manual, std::size_t index) {
  const Write& entry = manual.writes[index];
  if (!entry.is_entry || !entry.expression || !entry.expression->is(Expr::Kind::name)) return index;
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
    const bool augments = later.statement && later.statement->kind == Statement::Kind::augment &&
                          (later.statement->text == "+=" || later.statement->text == "-=");
    return augments || changes_in_place(later) || is_made_anew(write, later) ||
           (later.expression && has_term(*later.expression, write.name));
  }
  return false;
}

}  // namespace gradient_check
