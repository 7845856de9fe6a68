#include "gradient_check/subject/program/tracer.h"

namespace gradient_check {
namespace {

using Gradients = c10::Dict<std::string, at::Tensor>;

/// Without the quotes.
std::string unquoted(const std::string& literal) {
  return literal.size() >= 2 ? literal.substr(1, literal.size() - 2) : literal;
}

}  // namespace

bool Tracer::is_dictionary(const Statement& statement) {
  if (statement.kind != StatementKind::assign && statement.kind != StatementKind::annotate)
    return false;
  if (statement.targets.size() != 1) return false;
  const Expr& target = statement.targets[0];
  if (target.is(ExprKind::name) && statement.value.is(ExprKind::dict)) return true;
  return target.is(ExprKind::subscript) && target.children.size() == 2 &&
         target.children[0].is(ExprKind::name) && target.children[1].is(ExprKind::string);
}

void Tracer::dictionary(const Statement& statement) {
  const Expr& target = statement.targets[0];
  const bool literal_value = target.is(ExprKind::name);
  const std::string& variable = literal_value ? target.text : target.children[0].text;
  if (literal_value || !pending_.count(variable)) {
    environment_[variable] = Gradients();
    pending_.insert(variable);
  }
  const auto first = trace_.writes.size();
  if (literal_value)
    literal(statement.value, statement);
  else
    entry(unquoted(target.children[1].text), statement.value, statement);
  auto gradients = environment_[variable].toGenericDict();
  for (std::size_t i = first; i < trace_.writes.size(); ++i)
    gradients.insert_or_assign(trace_.writes[i].name, trace_.writes[i].value);
  if (trace_.writes.size() > first) latest_[variable] = trace_.writes.size() - 1;
}

bool Tracer::changes_entry(const Statement& statement) const {
  if (statement.kind != StatementKind::augment) return false;
  const Expr& target = statement.targets[0];
  return target.is(ExprKind::subscript) && target.children[0].is(ExprKind::name) &&
         pending_.count(target.children[0].text) != 0 && target.children[1].is(ExprKind::string);
}

void Tracer::changed_entry(const Statement& statement) {
  const Expr& target = statement.targets[0];
  const std::string variable = target.children[0].text, key = unquoted(target.children[1].text);
  const std::vector<std::string> names = names_in(statement);
  Write write;
  write.name = key;
  write.is_entry = true;
  write.statement = &statement;
  write.iteration = iteration_;
  write.reads = reads_of(names);
  if (const auto before = trace_.entries.find(key); before != trace_.entries.end())
    write.reads.push_back(before->second);
  execute(statement, names, {variable});
  auto gradients = environment_[variable].toGenericDict();
  const auto found = options_.overrides.find(trace_.writes.size());
  if (found != options_.overrides.end()) gradients.insert_or_assign(key, found->second.clone());
  const c10::IValue value = gradients.at(key);
  if (is_floating_tensor(value)) write.value = value.toTensor().detach().clone();
  trace_.entries[key] = add(std::move(write));
  latest_[variable] = trace_.entries[key];
}

void Tracer::literal(const Expr& dict, const Statement& statement) {
  for (std::size_t i = 0; i + 1 < dict.children.size(); i += 2)
    entry(unquoted(dict.children[i].text), dict.children[i + 1], statement);
}

void Tracer::entry(const std::string& key, const Expr& expression, const Statement& statement) {
  Write write;
  write.name = key;
  write.is_entry = true;
  write.statement = &statement;
  write.expression = &expression;
  write.iteration = iteration_;
  const std::vector<std::string> names = names_in(expression);
  write.reads = reads_of(names);
  write.environment = snapshot(1);
  c10::IValue value = evaluate(expression);
  const auto found = options_.overrides.find(trace_.writes.size());
  if (found != options_.overrides.end()) value = found->second.clone();
  if (is_floating_tensor(value)) write.value = value.toTensor().detach().clone();
  trace_.entries[key] = add(std::move(write));
}

void Tracer::result(const Statement& statement) {
  const Expr& value = without_parens(statement.value);
  const Expr* gradients = &value;
  const Expr* output = &value;
  if (!options_.returns_output && value.is(ExprKind::tuple) && value.children.size() == 2) {
    output = &value.children[0];
    gradients = &value.children[1];
  }
  if (output != gradients || options_.follow) {
    trace_.output_reads = reads_of(names_in(*output));
    finish_output(*output, statement);
  }
  if (options_.follow) return;
  const Expr& dict = without_parens(*gradients);
  if (dict.is(ExprKind::dict))
    literal(dict, statement);
  else if (!(dict.is(ExprKind::name) && pending_.count(dict.text)))
    throw SyntaxError("the gradients are returned in a way that cannot be followed");
}

void Tracer::finish_output(const Expr& output, const Statement& statement) {
  const Expr& plain = without_parens(output);
  if (options_.returns_output && (plain.is(ExprKind::tuple) || plain.is(ExprKind::list))) {
    std::vector<c10::IValue> outputs;
    for (const Expr& each : plain.children) {
      finish_output(each, statement);
      outputs.push_back(trace_.output);
    }
    trace_.output = c10::ivalue::Tuple::create(std::move(outputs));
    return;
  }
  if (options_.follow) {
    const auto values = followed(
        [&](const std::vector<FunctionSyntax>& functions) {
          return explode(output, text_, environment_, functions);
        },
        statement, "    ", names_in(output), {});
    if (!values.empty()) {
      trace_.output = values[0];
      return;
    }
  }
  trace_.output = evaluate(output);
}

}  // namespace gradient_check
