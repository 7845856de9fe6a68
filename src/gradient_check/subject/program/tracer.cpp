#include "gradient_check/subject/program/tracer.h"

#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/subject/program/local_variables.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

constexpr std::size_t most_traced_steps = 20000;

bool is_floating(const at::Tensor& tensor) {
  return tensor.defined() && tensor.is_floating_point();
}

/// Whether a statement goes on in the memory of what it writes to.
bool writes_in_place(const Statement& statement) {
  return statement.kind == StatementKind::augment || statement.kind == StatementKind::expression ||
         (!statement.targets.empty() && statement.targets[0].is(ExprKind::subscript));
}

bool holds(const Statement& outer, const Statement& inner) {
  return outer.span.begin <= inner.span.begin && inner.span.end <= outer.span.end;
}

/// Statements whose parts are statements of their own, or that write no variable of interest.
bool has_no_writes(const ast::Statement& statement) {
  return statement.as<ast::With>() || statement.as<ast::Try>() || statement.as<ast::Match>() ||
         statement.as<ast::FunctionDef>() || statement.as<ast::ClassDef>();
}

}  // namespace

Tracer::Tracer(const TracedFunction& function, const TraceOptions& options)
    : function_(function), options_(options) {
  index(function_.syntax.body);
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
  return function_.text.substr(span.begin, span.end - span.begin);
}

std::string Tracer::iteration() const {
  std::string text;
  for (const Loop& loop : loops_)
    if (!loop.iteration.empty()) text += (text.empty() ? "" : ", ") + loop.iteration;
  return text;
}

/// The arguments, before the first statement.
void Tracer::begin(python::Frame& frame) {
  frame_ = &frame;
  for (const std::string& name : std::set<std::string>(function_.syntax.arguments.begin(),
                                                       function_.syntax.arguments.end())) {
    const at::Tensor tensor = tensor_in(local_variable(frame, name));
    Write write;
    write.name = name;
    if (is_floating(tensor)) write.value = tensor.detach().clone();
    latest_[name] = add(std::move(write));
    if (is_floating(tensor)) noted(name, tensor);
  }
}

bool Tracer::statement(python::Frame& frame, const ast::Statement& next) {
  if (!frame_ && frame.scope.body == &function_.body) begin(frame);
  if (!is_own(frame)) return false;
  const auto found = statements_.find(next.id);
  if (found == statements_.end()) return false;
  if (++steps_ > most_traced_steps) throw SyntaxError("too many statements to follow one by one");
  running_ = found->second;
  while (!loops_.empty() && !holds(*loops_.back().statement, *running_)) loops_.pop_back();
  before_ = snapshot(std::max<std::size_t>(1, names_written(*running_).size()));
  if (running_->kind == StatementKind::loop_for) loops_.push_back({running_, ""});
  if (is_dictionary(*running_)) {
    const Expr& target = running_->targets[0];
    if (target.is(ExprKind::name))
      expect_entries(running_->value);
    else
      expect_entry(target.children[1], running_->value);
  }
  if (running_->kind == StatementKind::result) expect_result(*running_);
  return false;
}

void Tracer::executed(python::Frame& frame, const ast::Statement& done) {
  const auto found = is_own(frame) ? statements_.find(done.id) : statements_.end();
  if (found == statements_.end() || has_no_writes(done)) return;
  const Statement& statement = *found->second;
  switch (statement.kind) {
    case StatementKind::condition:
    case StatementKind::loop_for:
    case StatementKind::loop_while:
      while (!loops_.empty() && loops_.back().statement == &statement) loops_.pop_back();
      return;
    case StatementKind::result:
    case StatementKind::leave:
    case StatementKind::next:
    case StatementKind::empty:
      return;
    default:
      break;
  }
  if (is_dictionary(statement)) {
    const Expr& target = statement.targets[0];
    const std::string& name = target.is(ExprKind::name) ? target.text : target.children[0].text;
    dictionaries_.insert(name);
    if (!trace_.writes.empty()) latest_[name] = trace_.writes.size() - 1;
  } else if (changes_entry(statement)) {
    changed_entry(statement);
  } else {
    const Write like = begun(statement, names_in(statement));
    for (const std::string& name : names_written(statement)) record(like, name);
  }
  if (trace_.writes.size() > options_.last) stop(frame);
}

void Tracer::stop(python::Frame&) { throw Stopped(); }

void Tracer::evaluated(python::Frame& frame, const ast::Expression& expression, Value& value) {
  if (!is_own(frame) || expected_.empty()) return;
  const auto found = expected_.find(expression.id);
  if (found == expected_.end()) return;
  entry(*found->second.second, value);
}

/// What a loop goes through is given to its variables.
void Tracer::assigned(python::Frame& frame, const ast::Expression& target, Value& value) {
  if (!is_own(frame)) return;
  const auto found = loop_targets_.find(target.id);
  const bool is_whole = found != loop_targets_.end();
  if (is_whole) {
    while (!loops_.empty() && loops_.back().statement != found->second) loops_.pop_back();
    loops_.back().iteration.clear();
  }
  const bool is_part = running_ && !loops_.empty() && !target.as<ast::Tuple>();
  const auto* name = target.as<ast::Name>();
  const Span whole = loops_.empty() ? Span{} : loops_.back().statement->targets[0].span;
  if (!is_part || !name || target.span.begin < whole.begin || target.span.end > whole.end) return;
  if (is_whole && value.is(python::Kind::integer))
    loops_.back().iteration = fmt::format("{} = {}", name->id, value.as_integer());
  Write write;
  write.name = name->id;
  write.reads = reads_of(names_in(loops_.back().statement->value));
  latest_[name->id] = add(std::move(write));
}

std::vector<std::size_t> Tracer::reads_of(const std::vector<std::string>& names) const {
  std::vector<std::size_t> reads;
  for (const std::string& name : names)
    if (const auto found = latest_.find(name); found != latest_.end())
      reads.push_back(found->second);
  return reads;
}

/// All variables, where the write that they were asked for before is among the next ones.
Environment Tracer::snapshot(std::size_t writes) const {
  const std::size_t first = trace_.writes.size();
  if (options_.snapshot_at < first || options_.snapshot_at >= first + writes) return {};
  Environment taken = local_variables(*frame_, function_.arrays);
  for (auto& [name, value] : taken)
    if (value.isTensor() && value.toTensor().defined()) value = value.toTensor().detach().clone();
  return taken;
}

Write Tracer::begun(const Statement& statement, const std::vector<std::string>& names) const {
  Write write;
  write.statement = &statement;
  write.iteration = iteration();
  write.reads = reads_of(names);
  write.environment = before_;
  if (statement.kind == StatementKind::assign || statement.kind == StatementKind::annotate ||
      statement.kind == StatementKind::augment)
    write.expression = &statement.value;
  return write;
}

std::size_t Tracer::add(Write write) {
  if (!loops_.empty() && !iteration().empty())
    for (const std::string& name : frame_->scope.variables)
      if (const Value value = local_variable(*frame_, name); value.is(python::Kind::integer))
        write.integers.insert(fmt::format("{} = {}", name, value.as_integer()));
  trace_.writes.push_back(std::move(write));
  return trace_.writes.size() - 1;
}

/// Takes a variable's value into the trace, or an override in its place.
void Tracer::record(const Write& like, const std::string& name) {
  Value value = local_variable(*frame_, name);
  if (!value.is_set()) return;
  Write write = like;
  write.name = name;
  const auto found = options_.overrides.find(trace_.writes.size());
  if (found != options_.overrides.end()) {
    const at::Tensor old = tensor_in(value);
    if (writes_in_place(*like.statement) && old.defined() && old.sizes() == found->second.sizes()) {
      old.copy_(found->second);
    } else {
      value = value_like(value, found->second.clone());
      set_local_variable(*frame_, name, value);
    }
  }
  const at::Tensor tensor = tensor_in(value);
  // A mask where numbers were meant is a value like another.
  if (tensor.defined() && tensor.scalar_type() == at::kBool) write.value = tensor.to(at::kDouble);
  if (is_floating(tensor)) {
    write.value = tensor.detach().clone();
    noted(name, tensor);
  }
  latest_[name] = add(std::move(write));
}

}  // namespace gradient_check
