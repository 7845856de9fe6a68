#include "gradient_check/diagnosis/blame/candidates.h"

#include <algorithm>

namespace gradient_check {
namespace {

/// An edit of a statement before the goal's own is a little less likely than one of its own.
constexpr double distance_cost = 0.3;
/// One of a statement that several wrong values share is likelier.
constexpr double shared_cost = -0.5;
constexpr double helper_cost = 0.6;

/// "mean(-1, keepdim=True)": the reductions that a text uses, each once.
std::vector<std::string> reductions_in(const std::string& text) {
  std::vector<std::string> found{"sum(-1, keepdim=True)", "mean(-1, keepdim=True)", "sum(0)",
                                 "mean(0)"};
  for (const char* name : {"mean(", "sum("})
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const std::size_t end = text.find(')', at);
      if (at == 0 || text[at - 1] != '.' || end == std::string::npos || end - at > 40) continue;
      if (at >= 6 && text.compare(at - 6, 6, "torch.") == 0) continue;  // its tensor comes first
      const std::string call = text.substr(at, end + 1 - at);
      if (call.find_first_of("xyz(", std::string(name).size()) != std::string::npos) continue;
      if (std::find(found.begin(), found.end(), call) == found.end()) found.push_back(call);
    }
  return found;
}

bool reads(const Expr& expression, const std::string& name) {
  const std::vector<std::string> names = names_in(expression);
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Repair Candidate::repair() const {
  Repair repair;
  repair.edits = {edit};
  repair.change = edit.change;
  repair.cost = edit.cost;
  repair.before = edit.before;
  repair.after = edit.after;
  repair.within = edit.within;
  repair.factor = edit.factor;
  repair.write = write;
  return repair;
}

std::vector<Candidate> Candidates::all() {
  std::vector<Candidate> all;
  const std::vector<std::string> reductions = reductions_in(s_.program.text());
  const std::vector<std::string> functions = s_.program.unary_functions();
  const at::Tensor& goal = s_.manual.writes[s_.chain.back()].value;
  std::set<const Expr*> seen;
  std::set<std::string> in_scope;
  for (const std::size_t index : s_.chain) {
    const Expr* expression = expression_of(s_.manual.writes[index]);
    if (!expression || !seen.insert(expression).second) continue;
    const Environment visible = trial_.visible_before(index);
    const EditContext context{s_.program.text(),
                              visible,
                              s_.truth.tensor.sizes(),
                              functions,
                              reductions,
                              [&](const std::string& e) { return trial_.evaluate(e); },
                              s_.program.arrays(),
                              goal.defined() && goal.sizes() != s_.truth.tensor.sizes()};
    const double more = index == s_.chain.back() ? 0
                        : s_.shared.count(index) ? shared_cost
                                                 : distance_cost;
    for (Edit& edit : edits_of(*expression, context)) {
      edit.cost += more;
      all.push_back({std::move(edit), index});
    }
    add_helpers(*expression, reductions, in_scope, all);
  }
  add_accumulation(all);
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return a.edit.cost < b.edit.cost;
  });
  return all;
}

void Candidates::add_accumulation(std::vector<Candidate>& all) const {
  const Write& goal = s_.manual.writes[s_.chain.back()];
  const Expr* expression = expression_of(goal);
  if (!expression || goal.is_entry || goal.iteration.empty() ||
      goal.statement->kind != StatementKind::assign || reads(*expression, goal.name) ||
      goal.statement->targets.size() != 1)
    return;
  const Expr& target = goal.statement->targets[0];
  const bool is_part = target.is(ExprKind::subscript);
  Candidate candidate;
  candidate.write = s_.chain.back();
  candidate.edit.span = {is_part ? target.span.end : expression->span.begin,
                         expression->span.begin};
  candidate.edit.replacement = is_part ? " += " : goal.name + " + ";
  candidate.edit.change = Change::missing_term;
  candidate.edit.cost = 1.5;
  candidate.edit.before = s_.program.text().substr(expression->span.begin,
                                                   expression->span.end - expression->span.begin);
  candidate.edit.after =
      is_part ? s_.program.text().substr(target.span.begin, target.span.end - target.span.begin)
              : goal.name;
  candidate.edit.everywhere = true;
  all.push_back(std::move(candidate));
}

void Candidates::add_helpers(const Expr& expression, const std::vector<std::string>& reductions,
                             std::set<std::string>& in_scope, std::vector<Candidate>& all) {
  const std::vector<std::string> no_functions;
  scopes_.push_back(helper_scopes(s_.program, expression, trial_.environment()));
  for (const HelperScope& scope : scopes_.back()) {
    if (!in_scope.insert(scope.function().name).second) continue;
    Environment visible = scope.environment();
    for (const std::string& argument : scope.function().arguments)
      visible.emplace(argument, at::Tensor());
    const std::vector<std::int64_t> shape =
        scope.is_known() ? scope.value().sizes().vec() : std::vector<std::int64_t>{-1};
    EditContext context{s_.program.text(),  visible, shape, no_functions, reductions, nullptr,
                        s_.program.arrays()};
    if (scope.is_known())
      context.evaluate = [&](const std::string& e) { return scope.evaluate(e); };
    for (const Statement& statement : scope.function().body)
      for (Edit& edit : edits_of(statement.value, context)) {
        if (!scope.is_known() && (edit.is_scaling || edit.recipe == Recipe::replace)) continue;
        if (!scope.is_known()) edit.recipe = Recipe::compile;
        edit.cost += helper_cost;
        all.push_back({std::move(edit), std::nullopt, scope.is_known() ? &scope : nullptr});
      }
  }
}

const Expr* expression_of(const Write& write) {
  if (write.expression) return write.expression;
  if (!write.statement) return nullptr;
  const bool has_value = write.statement->kind == StatementKind::expression ||
                         write.statement->kind == StatementKind::assign;
  return has_value ? &write.statement->value : nullptr;
}

}  // namespace gradient_check
