#include <algorithm>
#include <set>

#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/text.h"
#include "gradient_check/subject/program/tracer.h"

namespace gradient_check {
namespace {

/// Without the quotes.
std::string unquoted(const std::string& literal) {
  return literal.size() >= 2 ? literal.substr(1, literal.size() - 2) : literal;
}

bool is_same(const at::Tensor& a, const at::Tensor& b) {
  return a.defined() && a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() && a.equal(b);
}

/// What an own write is worth being made for: a value that no variable holds.
bool is_computed(const Expr& expression) {
  const Expr& plain = without_parens(expression);
  return !plain.is(ExprKind::name) && !plain.is(ExprKind::literal) && !plain.is(ExprKind::number) &&
         !plain.is(ExprKind::dict) && !plain.is(ExprKind::absent);
}

}  // namespace

/// grads = {…} or grads["w"] = …, where the entries are gradients.
bool Tracer::is_dictionary(const Statement& statement) {
  if (statement.kind != StatementKind::assign && statement.kind != StatementKind::annotate)
    return false;
  if (statement.targets.size() != 1) return false;
  const Expr& target = statement.targets[0];
  if (target.is(ExprKind::name) && statement.value.is(ExprKind::dict)) return true;
  return target.is(ExprKind::subscript) && target.children.size() == 2 &&
         target.children[0].is(ExprKind::name) && target.children[1].is(ExprKind::string);
}

/// grads["w"] += …
bool Tracer::changes_entry(const Activation& active, const Statement& statement) {
  if (statement.kind != StatementKind::augment) return false;
  const Expr& target = statement.targets[0];
  return target.is(ExprKind::subscript) && target.children[0].is(ExprKind::name) &&
         active.dictionaries.count(target.children[0].text) != 0 &&
         target.children[1].is(ExprKind::string);
}

void Tracer::expect_entry(Activation& active, const Expr& key, const Expr& value) {
  active.expected[value.id] = {unquoted(key.text), &value, true};
}

void Tracer::expect_entries(Activation& active, const Expr& dictionary) {
  for (std::size_t i = 0; i + 1 < dictionary.children.size(); i += 2)
    if (dictionary.children[i].is(ExprKind::string))
      expect_entry(active, dictionary.children[i], dictionary.children[i + 1]);
}

void Tracer::expect_result(Activation& active, const Statement& statement) {
  const Expr& value = without_parens(statement.value);
  if (&active != own()) {
    expect_returned(active, value);
    return;
  }
  if (options_.returns_output) return;
  const Expr* gradients = &value;
  if (program_.returns_loss && value.is(ExprKind::tuple) && value.children.size() == 2) {
    trace_.output_reads = reads_of(active, paths_in(value.children[0]));
    gradients = &value.children[1];
  }
  const Expr& plain = without_parens(*gradients);
  if (plain.is(ExprKind::dict))
    expect_entries(active, plain);
  else
    expect_returned(active, plain);
}

/// Each part of what a function returns.
void Tracer::expect_returned(Activation& active, const Expr& value) {
  const bool is_entry = &active == own();
  const bool several = value.is(ExprKind::tuple) || value.is(ExprKind::list);
  const auto expect = [&](const Expr& part) {
    if (is_computed(part) || (is_entry && without_parens(part).is(ExprKind::name)))
      active.expected[part.id] = {is_entry ? "" : active.function->name, &part, is_entry};
  };
  if (several)
    for (const Expr& part : value.children) expect(part);
  else
    expect(value);
  if (is_entry || active_.size() < 2) return;
  Activation& caller = active_[static_cast<std::size_t>(&active - active_.data()) - 1];
  for (const std::size_t read : reads_of(active, paths_in(value)))
    caller.called_reads.push_back(read);
}

/// What a parameter may be moved along: a part of a sum or product that no variable holds.
void Tracer::expect_moved_along(Activation& active, const Expr& value) {
  static const std::set<std::string> through{"+", "-", "*", "/"};
  const Expr& plain = without_parens(value);
  const bool is_operation =
      (plain.is(ExprKind::binary) && through.count(plain.text) != 0) || plain.is(ExprKind::unary);
  if (is_operation)
    for (const Expr& child : plain.children) expect_part(active, child);
}

void Tracer::expect_part(Activation& active, const Expr& part) {
  const Expr& plain = without_parens(part);
  if (plain.is(ExprKind::call) || plain.is(ExprKind::subscript))
    active.expected[plain.id] = {"", &plain, true};
  else
    expect_moved_along(active, plain);
}

void Tracer::note_expected(Activation& active, const Activation::Expected& expected,
                           python::Value& value) {
  Write write = write_of(active, *active.running, paths_in(*expected.expression));
  write.name = expected.name;
  write.is_entry = expected.is_entry;
  write.expression = expected.expression;
  write.environment = snapshot(active, 1);
  at::Tensor tensor = tensor_in(value);
  if (const auto found = options_.overrides.find(trace_.writes.size());
      found != options_.overrides.end() && tensor.defined()) {
    value = value_like(value, found->second.clone());
    tensor = tensor_in(value);
  }
  if (!tensor.defined() && (!expected.is_entry || expected.name.empty())) return;
  if (tensor.defined() && tensor.is_floating_point()) write.value = tensor.detach().clone();
  const std::string key = write.name;
  const std::size_t index = add(active, std::move(write));
  if (tensor.defined()) live_[index] = tensor.unsafeGetTensorImpl();
  if (expected.is_entry && !key.empty()) trace_.entries[key] = index;
  if (!expected.is_entry && &active != own())
    active_[static_cast<std::size_t>(&active - active_.data()) - 1].called_reads.push_back(index);
}

void Tracer::changed_entry(Activation& active, const Statement& statement) {
  const Expr& target = statement.targets[0];
  const std::string variable = target.children[0].text, key = unquoted(target.children[1].text);
  const auto place = locate(*active.frame, {variable, {key}});
  if (!place || place->text == variable) return;
  Write write = write_of(active, statement, paths_in(statement));
  write.name = key;
  write.is_entry = true;
  write.expression = nullptr;
  if (const auto before = trace_.entries.find(key); before != trace_.entries.end())
    write.reads.push_back(before->second);
  if (const auto found = options_.overrides.find(trace_.writes.size());
      found != options_.overrides.end())
    *place->value = value_like(*place->value, found->second.clone());
  const at::Tensor tensor = tensor_in(*place->value);
  if (tensor.defined() && tensor.is_floating_point()) write.value = tensor.detach().clone();
  const std::size_t index = trace_.entries[key] = add(active, std::move(write));
  active.latest[variable] = {index};
}

/// The last write that gave a tensor; as many as there are where none did.
std::size_t Tracer::write_that_is(const at::Tensor& tensor) const {
  const std::size_t none = trace_.writes.size();
  for (std::size_t i = none; i-- > 0;)
    if (live_[i] == tensor.unsafeGetTensorImpl() && trace_.writes[i].value.defined() &&
        trace_.writes[i].value.sizes() == tensor.sizes())
      return i;
  for (std::size_t i = none; i-- > 0;)
    if (trace_.writes[i].statement && is_same(trace_.writes[i].value, tensor)) return i;
  return none;
}

/// Which write each gradient is. What looked like one and is none is a value like another.
void Tracer::bind_entries(const NamedTensors& gradients) {
  std::map<std::string, std::size_t> entries;
  for (const auto& [name, gradient] : gradients) {
    const auto seen = trace_.entries.find(name);
    std::size_t index = seen == trace_.entries.end() ? write_that_is(gradient) : seen->second;
    if (index == trace_.writes.size()) {
      Write write;
      write.statement = own() ? own()->running : nullptr;
      if (gradient.is_floating_point()) write.value = gradient.detach().clone();
      write.is_entry = true;
      trace_.writes.push_back(std::move(write));
      live_.push_back(nullptr);
    }
    if (trace_.writes[index].is_entry) trace_.writes[index].name = name;
    entries[name] = index;
  }
  for (Write& write : trace_.writes)
    if (write.is_entry && !entries.count(write.name)) write.is_entry = false;
  trace_.entries = std::move(entries);
}

Trace Tracer::finish(const NamedTensors& gradients, const at::Tensor& loss) {
  if (program_.is_body && loss.defined())
    if (const std::size_t write = write_that_is(loss); write < trace_.writes.size())
      trace_.output_reads = {write};
  if (!options_.returns_output && options_.last >= trace_.writes.size()) bind_entries(gradients);
  return std::move(trace_);
}

}  // namespace gradient_check
