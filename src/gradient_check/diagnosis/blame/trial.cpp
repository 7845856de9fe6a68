#include "gradient_check/diagnosis/blame/trial.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <set>

#include "gradient_check/diagnosis/blame/known_values.h"
#include "gradient_check/gradient/evaluation.h"

namespace gradient_check {
namespace {

constexpr const char* goal_variable = "__goal";

void add_each_once(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const std::string& name : more)
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

Trial::Trial(const StepwiseProgram& program, const ManualRun& run, const Trace& manual,
             std::vector<std::size_t> chain)
    : program_(program), run_(run), manual_(manual), chain_(std::move(chain)) {
  TraceOptions options;
  options.overrides = run.overrides;
  options.snapshot_at = options.last = chain_.back();
  const Trace before = program.run_manual(clone(run.values), run.cotangent.clone(), options);
  environment_ = before.writes.at(chain_.back()).environment;
  collect_pieces();
  const std::vector<std::size_t> all = chain_;
  while (!(runs_alone_ = reproduces()) && chain_.size() > 1) {
    const std::size_t left_out = std::max<std::size_t>(1, (chain_.size() - 1) / 6);
    chain_.erase(chain_.begin(), chain_.begin() + static_cast<std::ptrdiff_t>(left_out));
    collect_pieces();
  }
  if (!runs_alone_ || is_run_again(all)) {
    runs_alone_ = false;
    chain_ = all;
    collect_pieces();
  }
}

/// Whether a statement that is left ran before in one that was left out: its effect is more than
/// what the last run gives.
bool Trial::is_run_again(const std::vector<std::size_t>& all) const {
  const std::size_t left_out = all.size() - chain_.size();
  for (std::size_t i = 0; i < left_out; ++i)
    for (const std::size_t kept : chain_)
      if (manual_.writes[all[i]].statement == manual_.writes[kept].statement) return true;
  return false;
}

/// Whether the pieces give the goal the value that it has.
bool Trial::reproduces() const {
  try {
    const at::Tensor value = run_chain(program_.runner(), {}, 1);
    return relative_difference(value, manual_.writes[chain_.back()].value) <= 1e-12;
  } catch (const std::exception&) {
    return false;
  }
}

void Trial::collect_pieces() {
  pieces_.clear();
  names_.clear();
  written_.clear();
  const Statement* last = nullptr;
  std::string last_iteration;
  for (const std::size_t index : chain_) {
    const Write& write = manual_.writes[index];
    // What another function gave is at hand.
    if (!write.statement || write.scope != manual_.writes[chain_.back()].scope) continue;
    const bool is_goal = index == chain_.back();
    if (!is_goal && write.statement == last && write.iteration == last_iteration) continue;
    if (write.is_entry || write.statement->kind == StatementKind::result) {
      if (!is_goal || !write.expression) continue;
      pieces_.push_back({write.expression->span, "    ", true});
      add_each_once(names_, names_in(*write.expression));
      goal_ = goal_variable;
      continue;
    }
    if (write.statement != last || write.iteration != last_iteration) {
      pieces_.push_back({write.statement->span, "    ", false});
      add_each_once(names_, names_in(*write.statement));
      add_each_once(written_, names_written(*write.statement));
    }
    if (is_goal) goal_ = write.name;
    last = write.statement;
    last_iteration = write.iteration;
  }
}

std::string Trial::body(const std::vector<Edit>& edits) const {
  std::string lines;
  for (const Piece& piece : pieces_) {
    std::vector<Edit> here;
    for (Edit edit : edits) {
      if (edit.span.begin < piece.span.begin || edit.span.end > piece.span.end) continue;
      edit.span.begin -= piece.span.begin;
      edit.span.end -= piece.span.begin;
      here.push_back(std::move(edit));
    }
    const std::string text =
        edited(program_.text().substr(piece.span.begin, piece.span.end - piece.span.begin), here);
    if (!lines.empty()) lines += "\n";
    lines += piece.indent;
    lines += piece.is_goal_expression ? std::string(goal_variable) + " = (" + text + ")" : text;
  }
  return lines;
}

bool Trial::touches_chain(const Edit& edit) const {
  return std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
    return edit.span.begin >= piece.span.begin && edit.span.end <= piece.span.end;
  });
}

/// The variables, with copies of those that the statements may write into.
Environment Trial::with_copies() const {
  Environment environment = environment_;
  for (const std::string& name : written_)
    if (const auto found = environment.find(name); found != environment.end())
      if (found->second.isTensor() && found->second.toTensor().defined())
        found->second = found->second.toTensor().clone();
  return environment;
}

/// The variables that the chain reads with those edits made.
std::vector<std::string> Trial::names_with(const std::vector<Edit>& edits) const {
  std::vector<std::string> names = names_;
  for (const Edit& edit : edits) {
    if (edit.is_scaling) add_each_once(names, {"__k"});
    for (const auto& [name, value] : environment_)
      if (edit.replacement.find(name) != std::string::npos) add_each_once(names, {name});
  }
  return names;
}

at::Tensor Trial::run_chain(SnippetRunner& runner, const std::vector<Edit>& edits, double k,
                            const Environment& also) const {
  Environment environment = with_copies();
  environment["__k"] = k;
  std::vector<std::string> names = names_with(edits);
  for (const auto& [name, value] : also) {
    environment[name] = value;
    add_each_once(names, {name});
  }
  return tensor_or_none(runner.run(body(edits), "    ", names, {goal_}, environment).at(0));
}

at::Tensor Trial::run_whole(const std::vector<Edit>& edits) const {
  const auto changed = program_.with_text(edited(program_.text(), edits));
  if (!changed) return {};
  TraceOptions options;
  options.overrides = run_.overrides;
  options.last = chain_.back();
  // An edit may make the program write into what it is given.
  const Trace trace = changed->run_manual(clone(run_.values), run_.cotangent.clone(), options);
  return chain_.back() < trace.writes.size() ? trace.writes[chain_.back()].value : at::Tensor();
}

at::Tensor Trial::value_with(const std::vector<Edit>& edits, double k) {
  const bool local = std::all_of(edits.begin(), edits.end(),
                                 [&](const Edit& edit) { return touches_chain(edit); });
  try {
    const bool everywhere =
        std::any_of(edits.begin(), edits.end(), [](const Edit& edit) { return edit.everywhere; });
    if (run_.budget && --run_.budget->snippets < 0) return {};
    if (local && runs_alone_ && !everywhere) return run_chain(program_.runner(), edits, k);
    if (const FunctionSyntax* helper = helper_of(edits); helper && runs_alone_)
      return run_with_helper(*helper, edits);
    const bool scales =
        std::any_of(edits.begin(), edits.end(), [](const Edit& edit) { return edit.is_scaling; });
    if (scales || (run_.budget && --run_.budget->programs < 0)) return {};
    return run_whole(edits);
  } catch (const std::exception&) {
    return {};
  }
}

at::Tensor Trial::value_with_variable(const Edit& edit, const NamedValue& variable, double k) {
  const auto [found, is_new] = prepared_.try_emplace(&edit);
  try {
    if (is_new) {
      Environment environment = environment_;
      environment["__k"] = k;
      found->second =
          program_.runner().prepare(body({edit}), "    ", names_with({edit}), {goal_}, environment);
    }
    if (!found->second) return {};
    Environment changed{{variable.first, variable.second}, {"__k", k}};
    for (const std::string& name : written_)
      if (const auto at = environment_.find(name);
          at != environment_.end() && name != variable.first)
        if (at->second.isTensor() && at->second.toTensor().defined())
          changed[name] = at->second.toTensor().clone();
    return tensor_or_none(found->second->run(changed).at(0));
  } catch (const std::exception&) {
    return {};
  }
}

Environment Trial::visible_before(std::size_t index) const {
  std::set<std::string> before, after;
  for (std::size_t i = 0; i < manual_.writes.size(); ++i)
    (i < index ? before : after).insert(manual_.writes[i].name);
  Environment visible;
  for (const auto& [name, value] : environment_) {
    const bool is_inside = name.find_first_of(".[") != std::string::npos;
    if (is_inside || before.count(name) || !after.count(name)) visible.emplace(name, value);
  }
  return visible;
}

/// What stands in the node's place with the edit made; undefined where shapes do not fit.
at::Tensor Trial::filled(const Edit& edit, const at::Tensor& node,
                         const at::Tensor& operand) const {
  if (!operand.defined() || edit.recipe == Recipe::replace) return operand;
  const bool is_mask = operand.scalar_type() == at::kBool && edit.recipe == Recipe::multiply;
  if (!node.defined() || !node.is_floating_point() || !(operand.is_floating_point() || is_mask) ||
      !(broadcasts(operand.sizes(), node.sizes()) || broadcasts(node.sizes(), operand.sizes())))
    return {};
  return edit.recipe == Recipe::multiply ? node * operand
         : edit.recipe == Recipe::divide ? node / operand
         : edit.recipe == Recipe::add    ? node + operand
                                         : node - operand;
}

at::Tensor Trial::value_by_recipe(const Edit& edit) {
  const std::string text = program_.text().substr(edit.node.begin, edit.node.end - edit.node.begin);
  const at::Tensor hole = filled(
      edit, edit.recipe == Recipe::replace ? at::Tensor() : evaluate(text), evaluate(edit.operand));
  if (!hole.defined()) return {};
  Edit replaced;
  replaced.span = edit.node;
  replaced.replacement = "__hole";
  try {
    return run_chain(program_.runner(), {replaced}, 1, {{"__hole", hole}});
  } catch (const std::exception&) {
    return {};
  }
}

at::Tensor Trial::evaluate(const std::string& expression) {
  const auto [found, is_new] = evaluated_.try_emplace(expression);
  if (is_new) found->second = evaluated(program_, expression, environment_);
  return found->second;
}

}  // namespace gradient_check
