#include "gradient_check/subject/program/tracer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

constexpr std::size_t most_traced_steps = 20000;
constexpr std::size_t most_activations = 64;

bool is_floating(const at::Tensor& tensor) {
  return tensor.defined() && tensor.is_floating_point();
}

/// Whether a statement goes on in the memory of what it writes to.
bool writes_in_place(const Statement& statement) {
  return statement.kind == StatementKind::augment || statement.kind == StatementKind::expression ||
         (!statement.targets.empty() && statement.targets[0].is(ExprKind::subscript));
}

bool holds(const Span& outer, const Span& inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

/// Statements whose parts are statements of their own, or that write no variable of interest.
bool has_no_writes(const ast::Statement& statement) {
  return statement.as<ast::With>() || statement.as<ast::Try>() || statement.as<ast::Match>() ||
         statement.as<ast::FunctionDef>() || statement.as<ast::ClassDef>();
}

bool is_called_from(const python::Frame& frame, const python::Frame* caller) {
  for (const python::Frame* at = frame.caller; at; at = at->caller)
    if (at == caller) return true;
  return false;
}

bool has_early_return(const Statement& statement) {
  return statement.kind == StatementKind::result ||
         std::any_of(statement.body.begin(), statement.body.end(), has_early_return) ||
         std::any_of(statement.otherwise.begin(), statement.otherwise.end(), has_early_return);
}

/// Whether a function's text stands for its value wherever it is called.
bool runs_straight_to_a_value(const FunctionSyntax& function) {
  return !function.is_method() && function.body.back().kind == StatementKind::result &&
         !without_parens(function.body.back().value).is(ExprKind::tuple) &&
         std::none_of(function.body.begin(), function.body.end() - 1, has_early_return);
}

/// What a function is for: "affine" of affine_forward.
std::string stem_of(std::string name) {
  for (const char* word : {"_forward", "_backward", "forward_", "backward_"})
    if (const std::size_t at = name.find(word); at != std::string::npos)
      name.erase(at, std::string(word).size());
  return name;
}

}  // namespace

std::string Activation::iteration() const {
  std::string text = outer_iteration;
  for (const Loop& loop : loops)
    if (!loop.iteration.empty()) text += (text.empty() ? "" : ", ") + loop.iteration;
  return text;
}

Tracer::Tracer(const TracedProgram& program, const TraceOptions& options)
    : program_(program), options_(options) {
  for (const FunctionSyntax& function : program_.functions) {
    beginnings_[function.first] = &function;
    index(function.body);
  }
  beginnings_[program_.own.first] = &program_.own;
  active_.reserve(most_activations + 1);  // they are pointed to
  index(program_.own.body);
}

void Tracer::index(const std::vector<Statement>& statements) {
  for (const Statement& statement : statements) {
    statements_[statement.id] = &statement;
    if (statement.kind == StatementKind::loop_for)
      loop_targets_[statement.targets[0].id] = &statement;
    index(statement.body);
    index(statement.otherwise);
  }
}

std::string Tracer::text_of(const Span& span) const {
  return program_.text.substr(span.begin, span.end - span.begin);
}

Activation* Tracer::active(const python::Frame& frame) {
  if (is_over_) return nullptr;
  for (std::size_t i = active_.size(); i-- > 0;)
    if (active_[i].frame == &frame && active_[i].body == &frame.scope) return &active_[i];
  return nullptr;
}

/// A function begins: those whose calls have ended are forgotten.
void Tracer::enter(python::Frame& frame, const FunctionSyntax& function) {
  const bool is_own = active_.empty();
  if (is_own && &function != &program_.own) return;
  while (active_.size() > 1 && !is_called_from(frame, active_.back().frame)) active_.pop_back();
  if (!is_own && (!is_called_from(frame, active_.front().frame) ||
                  runs_straight_to_a_value(function) || active_.size() >= most_activations))
    return;
  Activation active;
  active.frame = &frame;
  active.body = &frame.scope;
  active.function = &function;
  if (!is_own) {
    active.scope = scope_of(frame, function);
    active.outer_iteration = active_.back().iteration();
  }
  active_.push_back(std::move(active));
  add_arguments(active_.back());
  begun(active_.back());
}

/// Of a method the way to its object from the variables of the function that is traced.
std::string Tracer::scope_of(const python::Frame& frame, const FunctionSyntax& function) {
  if (!function.is_method() || function.arguments.empty()) return stem_of(function.name);
  const auto self = locate(frame, {function.arguments[0], {}});
  if (!self) return function.name;
  const std::string way = way_to(*active_.front().frame, *self->value);
  return way.empty() ? function.name : way;
}

/// The arguments, before the first statement: given to the function that is traced; of another what
/// they are where it is called.
void Tracer::add_arguments(Activation& active) {
  const std::set<std::string> names(active.function->arguments.begin(),
                                    active.function->arguments.end());
  for (const std::string& name : names) {
    const auto place = locate(*active.frame, {name, {}});
    const at::Tensor tensor = place ? tensor_in(*place->value) : at::Tensor();
    if (&active == &active_.front()) {
      Write write;
      write.name = name;
      if (is_floating(tensor)) write.value = tensor.detach().clone();
      active.latest[name] = {add(active, std::move(write))};
    } else if (tensor.defined()) {
      const std::size_t same = write_that_is(tensor);
      const Activation& caller = active_[active_.size() - 2];
      if (same < trace_.writes.size())
        active.latest[name] = {same};
      else if (caller.running)
        active.latest[name] = reads_of(caller, paths_in(*caller.running));
    }
    if (is_floating(tensor)) noted(active, name, tensor);
  }
}

bool Tracer::statement(python::Frame& frame, const ast::Statement& next) {
  if (const auto function = beginnings_.find(&next); function != beginnings_.end()) {
    if (Activation* again = active(frame); !again || again != own())
      enter(frame, *function->second);
    else
      is_over_ = is_over_ || (program_.is_body && again->running);
  }
  Activation* active = this->active(frame);
  const auto found = active ? statements_.find(next.id) : statements_.end();
  if (found == statements_.end()) return false;
  if (++steps_ > most_traced_steps) throw SyntaxError("too many statements to follow one by one");
  begin(*active, *found->second);
  return false;
}

void Tracer::leave_loops(Activation& active, const Statement& statement) {
  while (!active.loops.empty() && !holds(active.loops.back().statement->span, statement.span))
    active.loops.pop_back();
}

void Tracer::begin(Activation& active, const Statement& statement) {
  active.running = &statement;
  active.called_reads.clear();
  active.stored.clear();
  leave_loops(active, statement);
  active.before = snapshot(active, std::max<std::size_t>(1, places_written(statement).size()));
  if (statement.kind == StatementKind::loop_for) active.loops.push_back({&statement, ""});
  if (&active == own() && is_dictionary(statement)) {
    const Expr& target = statement.targets[0];
    if (target.is(ExprKind::name))
      expect_entries(active, statement.value);
    else
      expect_entry(active, target.children[1], statement.value);
  }
  if (statement.kind == StatementKind::result) expect_result(active, statement);
  if (program_.is_body && &active == own() &&
      (statement.kind == StatementKind::augment || statement.kind == StatementKind::assign))
    expect_moved_along(active, statement.value);
}

void Tracer::executed(python::Frame& frame, const ast::Statement& done) {
  Activation* active = this->active(frame);
  const auto found = active ? statements_.find(done.id) : statements_.end();
  if (found == statements_.end() || active->running == nullptr || has_no_writes(done)) return;
  const Statement& statement = *found->second;
  switch (statement.kind) {
    case StatementKind::condition:
    case StatementKind::loop_for:
    case StatementKind::loop_while:
      while (!active->loops.empty() && active->loops.back().statement == &statement)
        active->loops.pop_back();
      return;
    case StatementKind::result:
    case StatementKind::leave:
    case StatementKind::next:
    case StatementKind::empty:
      return;
    default:
      record_all(*active, statement);
  }
  if (trace_.writes.size() > options_.last) stop(*active);
}

void Tracer::stop(Activation&) { throw Stopped(); }

void Tracer::record_all(Activation& active, const Statement& statement) {
  if (&active == own() && is_dictionary(statement)) {
    const Expr& target = statement.targets[0];
    const std::string& name = target.is(ExprKind::name) ? target.text : target.children[0].text;
    active.dictionaries.insert(name);
    if (!trace_.writes.empty()) active.latest[name] = {trace_.writes.size() - 1};
    return;
  }
  if (changes_entry(active, statement)) return changed_entry(active, statement);
  const Write like = write_of(active, statement, paths_in(statement));
  std::set<std::string> seen;
  for (const Expr* written : places_written(statement)) {
    const auto path = beginning_of(*written);
    const auto place = path ? locate(*active.frame, *path) : std::nullopt;
    if (!place) continue;
    if (active.stored.count(written->id))
      record_stored(active, like, *written, *place);
    else if (seen.insert(place->text).second)
      record(active, like, *place);
  }
}

void Tracer::evaluated(python::Frame& frame, const ast::Expression& expression, Value& value) {
  Activation* active = this->active(frame);
  if (!active || active->expected.empty()) return;
  const auto found = active->expected.find(expression.id);
  if (found != active->expected.end()) note_expected(*active, found->second, value);
}

void Tracer::assigned(python::Frame& frame, const ast::Expression& target, Value& value) {
  Activation* active = this->active(frame);
  if (!active) return;
  note_iteration(*active, target, value);
  if (active->running && target.as<ast::Subscript>()) note_stored(*active, target, value);
}

/// What a statement puts into a list or dictionary under a key that it computes.
void Tracer::note_stored(Activation& active, const ast::Expression& target, Value& value) {
  for (const Expr& written : active.running->targets) {
    if (written.id != target.id) continue;
    const auto path = beginning_of(written);
    const auto place = path ? locate(*active.frame, *path) : std::nullopt;
    const bool is_container =
        place && (place->value->is(python::Kind::dict) || place->value->is(python::Kind::list));
    at::Tensor tensor = tensor_in(value);
    if (!is_container || !is_floating(tensor)) return;
    if (const auto found = options_.overrides.find(trace_.writes.size());
        found != options_.overrides.end()) {
      value = value_like(value, found->second.clone());
      tensor = tensor_in(value);
    }
    active.stored[target.id] = tensor;
  }
}

/// What a loop goes through is given to its variables.
void Tracer::note_iteration(Activation& active, const ast::Expression& target, const Value& value) {
  auto& loops = active.loops;
  const auto found = loop_targets_.find(target.id);
  const bool is_whole = found != loop_targets_.end();
  if (is_whole) {
    while (!loops.empty() && loops.back().statement != found->second) loops.pop_back();
    if (loops.empty()) return;
    loops.back().iteration.clear();
  }
  const auto* name = target.as<ast::Name>();
  if (loops.empty() || !name) return;
  const Statement& loop = *loops.back().statement;
  if (!holds(loop.targets[0].span, {target.span.begin, target.span.end})) return;
  if (is_whole && value.is(python::Kind::integer))
    loops.back().iteration = fmt::format("{} = {}", name->id, value.as_integer());
  Write write;
  write.name = name->id;
  write.scope = active.scope;
  write.reads = reads_of(active, paths_in(loop.value));
  active.latest[name->id] = {add(active, std::move(write))};
}

std::vector<std::size_t> Tracer::writes_at(const Activation& active,
                                           const VariablePath& path) const {
  for (VariablePath at = path;; at.steps.pop_back()) {
    const auto place = locate(*active.frame, at);
    const std::string key = place ? place->key : at.root;
    const auto& latest = key.rfind("0x", 0) == 0 ? shared_ : active.latest;
    if (const auto found = latest.find(key); found != latest.end()) return found->second;
    if (at.steps.empty()) return {};
  }
}

std::vector<std::size_t> Tracer::reads_of(const Activation& active,
                                          const std::vector<VariablePath>& paths) const {
  std::vector<std::size_t> reads;
  for (const VariablePath& path : paths)
    for (const std::size_t write : writes_at(active, path))
      if (std::find(reads.begin(), reads.end(), write) == reads.end()) reads.push_back(write);
  return reads;
}

/// All variables, where the write that they were asked for before is among the next ones.
Environment Tracer::snapshot(const Activation& active, std::size_t writes) const {
  const std::size_t first = trace_.writes.size();
  if (options_.snapshot_at < first || options_.snapshot_at >= first + writes) return {};
  Environment taken = environment_of(*active.frame, program_.arrays);
  for (auto& [name, value] : taken)
    if (value.isTensor() && value.toTensor().defined()) value = value.toTensor().detach().clone();
  return taken;
}

Write Tracer::write_of(const Activation& active, const Statement& statement,
                       const std::vector<VariablePath>& paths) const {
  Write write;
  write.statement = &statement;
  write.scope = active.scope;
  write.iteration = active.iteration();
  write.reads = reads_of(active, paths);
  write.reads.insert(write.reads.end(), active.called_reads.begin(), active.called_reads.end());
  write.environment = active.before;
  if (statement.kind == StatementKind::assign || statement.kind == StatementKind::annotate ||
      statement.kind == StatementKind::augment)
    write.expression = &statement.value;
  return write;
}

std::size_t Tracer::add(const Activation& active, Write write) {
  if (!active.iteration().empty())
    for (const auto& [name, value] : variables_of(*active.frame))
      if (value.is(python::Kind::integer))
        write.integers.insert(fmt::format("{} = {}", name, value.as_integer()));
  trace_.writes.push_back(std::move(write));
  live_.push_back(nullptr);
  return trace_.writes.size() - 1;
}

void Tracer::take(Activation& active, const std::string& key, std::vector<std::size_t> writes) {
  (key.rfind("0x", 0) == 0 ? shared_ : active.latest)[key] = std::move(writes);
}

/// The container holds it beside what it held before.
void Tracer::record_stored(Activation& active, Write write, const Expr& target,
                           const Located& place) {
  const at::Tensor& tensor = active.stored.at(target.id);
  write.name = text_of(target.span);
  write.value = tensor.detach().clone();
  noted(active, write.name, tensor);
  const std::size_t index = add(active, std::move(write));
  live_[index] = tensor.unsafeGetTensorImpl();
  auto& latest = place.key.rfind("0x", 0) == 0 ? shared_ : active.latest;
  latest[place.key].push_back(index);
}

/// Takes a variable's value into the trace, or an override in its place.
void Tracer::record(Activation& active, const Write& like, const Located& place) {
  Value& value = *place.value;
  if (!value.is_set()) return;
  Write write = like;
  write.name = place.text;
  const auto found = options_.overrides.find(trace_.writes.size());
  if (found != options_.overrides.end()) {
    const at::Tensor old = tensor_in(value);
    if (writes_in_place(*like.statement) && old.defined() && old.sizes() == found->second.sizes())
      old.copy_(found->second);
    else
      value = value_like(value, found->second.clone());
  }
  const at::Tensor tensor = tensor_in(value);
  // A mask where numbers were meant is a value like another.
  if (tensor.defined() && tensor.scalar_type() == at::kBool) write.value = tensor.to(at::kDouble);
  if (is_floating(tensor)) {
    write.value = tensor.detach().clone();
    noted(active, place.text, tensor);
  }
  const std::size_t index = add(active, std::move(write));
  if (tensor.defined()) live_[index] = tensor.unsafeGetTensorImpl();
  take(active, place.key, {index});
}

}  // namespace gradient_check
