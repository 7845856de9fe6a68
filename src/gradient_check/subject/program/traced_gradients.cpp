#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/text.h"
#include "gradient_check/subject/program/local_variables.h"
#include "gradient_check/subject/program/tracer.h"

namespace gradient_check {
namespace {

/// Without the quotes.
std::string unquoted(const std::string& literal) {
  return literal.size() >= 2 ? literal.substr(1, literal.size() - 2) : literal;
}

/// The dictionary that holds the gradients among what a function returned; null if there is none.
python::Dict* gradients_in(const python::Value& result) {
  if (auto* dictionary = result.get_if<python::Dict>()) return dictionary;
  const auto* tuple = result.get_if<python::Tuple>();
  return tuple && tuple->elements.size() == 2 ? tuple->elements[1].get_if<python::Dict>() : nullptr;
}

bool is_same(const at::Tensor& a, const at::Tensor& b) {
  return a.defined() && a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() && a.equal(b);
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
bool Tracer::changes_entry(const Statement& statement) const {
  if (statement.kind != StatementKind::augment) return false;
  const Expr& target = statement.targets[0];
  return target.is(ExprKind::subscript) && target.children[0].is(ExprKind::name) &&
         dictionaries_.count(target.children[0].text) != 0 &&
         target.children[1].is(ExprKind::string);
}

void Tracer::expect_entries(const Expr& dictionary) {
  for (std::size_t i = 0; i + 1 < dictionary.children.size(); i += 2)
    if (dictionary.children[i].is(ExprKind::string))
      expect_entry(dictionary.children[i], dictionary.children[i + 1]);
}

void Tracer::expect_entry(const Expr& key, const Expr& value) {
  expected_[value.id] = {unquoted(key.text), &value};
}

void Tracer::expect_result(const Statement& statement) {
  const Expr& value = without_parens(statement.value);
  const Expr* gradients = &value;
  if (!options_.returns_output && value.is(ExprKind::tuple) && value.children.size() == 2) {
    trace_.output_reads = reads_of(names_in(value.children[0]));
    gradients = &value.children[1];
  }
  if (options_.returns_output) return;
  returned_reads_ = reads_of(names_in(*gradients));
  if (const Expr& dictionary = without_parens(*gradients); dictionary.is(ExprKind::dict))
    expect_entries(dictionary);
}

void Tracer::entry(const Expr& expression, python::Value& value) {
  Write write = begun(*running_, names_in(expression));
  write.name = expected_.at(expression.id).first;
  write.is_entry = true;
  write.expression = &expression;
  write.environment = snapshot(1);
  if (const auto found = options_.overrides.find(trace_.writes.size());
      found != options_.overrides.end())
    value = value_like(value, found->second.clone());
  const at::Tensor tensor = tensor_in(value);
  if (tensor.defined() && tensor.is_floating_point()) write.value = tensor.detach().clone();
  const std::string key = write.name;
  trace_.entries[key] = add(std::move(write));
}

void Tracer::changed_entry(const Statement& statement) {
  const Expr& target = statement.targets[0];
  const std::string variable = target.children[0].text, key = unquoted(target.children[1].text);
  const python::Value held = local_variable(*frame_, variable);
  auto* dictionary = held.get_if<python::Dict>();
  if (!dictionary) return;
  Write write = begun(statement, names_in(statement));
  write.name = key;
  write.is_entry = true;
  write.expression = nullptr;
  if (const auto before = trace_.entries.find(key); before != trace_.entries.end())
    write.reads.push_back(before->second);
  python::Value value = *dictionary->find(python::Text(key));
  if (const auto found = options_.overrides.find(trace_.writes.size());
      found != options_.overrides.end()) {
    value = value_like(value, found->second.clone());
    dictionary->set(std::string_view(key), value);
  }
  const at::Tensor tensor = tensor_in(value);
  if (tensor.defined() && tensor.is_floating_point()) write.value = tensor.detach().clone();
  trace_.entries[key] = latest_[variable] = add(std::move(write));
}

void Tracer::add_returned(const python::Value& result) {
  python::Dict* dictionary = gradients_in(result);
  if (!dictionary) return;
  for (const auto& item : dictionary->table.entries()) {
    if (!item.key.is(python::Kind::string)) continue;
    const std::string key(python::text_of(item.key));
    const at::Tensor tensor = tensor_in(item.value);
    if (trace_.entries.count(key) || !tensor.defined()) continue;
    Write write;
    write.name = key;
    write.is_entry = true;
    write.statement = running_;
    write.value = tensor.detach().clone();
    write.reads = returned_reads_;
    for (std::size_t i = trace_.writes.size(); i-- > 0;)
      if (!trace_.writes[i].is_entry && is_same(trace_.writes[i].value, write.value)) {
        write.reads = {i};
        break;
      }
    trace_.entries[key] = add(std::move(write));
  }
}

Trace Tracer::finish(const python::Value& result) {
  if (result.is_set() && !options_.returns_output) add_returned(result);
  return std::move(trace_);
}

}  // namespace gradient_check
