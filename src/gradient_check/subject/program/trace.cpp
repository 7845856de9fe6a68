#include "gradient_check/subject/program/trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/subject/program/tokens.h"
#include "gradient_check/subject/program/tracer.h"

namespace gradient_check {
namespace {

constexpr std::size_t most_traced_steps = 20000;

c10::IValue copied(const c10::IValue& value) {
  if (value.isTensor() && value.toTensor().defined()) return value.toTensor().detach().clone();
  return value;
}

}  // namespace

bool is_floating_tensor(const c10::IValue& value) {
  return value.isTensor() && value.toTensor().defined() && value.toTensor().is_floating_point();
}

Trace Tracer::run(const FunctionSyntax& function, const Environment& arguments) {
  for (const auto& [name, value] : arguments) {
    environment_[name] = value;
    Write write;
    write.name = name;
    if (is_floating_tensor(value)) write.value = value.toTensor().detach().clone();
    latest_[name] = add(std::move(write));
    if (options_.follow && is_floating_tensor(value))
      trace_.forward.push_back({name, name, value.toTensor(), 0, "", false, ""});
  }
  block(function.body);
  if (options_.follow && trace_.output.isNone() && !function.body.empty() &&
      function.body.back().kind == StatementKind::result)
    result(function.body.back());
  return std::move(trace_);
}

std::string Tracer::text_of(const Span& span) const {
  return text_.substr(span.begin, span.end - span.begin);
}

std::string Tracer::indent_of(const Statement& statement) const {
  const std::size_t newline = text_.rfind('\n', statement.span.begin);
  const std::size_t start = newline == std::string::npos ? 0 : newline + 1;
  const std::size_t end = text_.find_first_not_of(" \t", start);
  const std::string indent = text_.substr(start, end - start);
  return indent.empty() ? "    " : indent;
}

std::size_t Tracer::add(Write write) {
  if (!iteration_.empty())
    for (const auto& [name, value] : environment_)
      if (value.isInt()) write.integers.insert(fmt::format("{} = {}", name, value.toInt()));
  trace_.writes.push_back(std::move(write));
  return trace_.writes.size() - 1;
}

Tracer::Flow Tracer::block(const std::vector<Statement>& body) {
  for (const Statement& statement : body) {
    if (++steps_ > most_traced_steps) throw SyntaxError("too many statements to follow one by one");
    const Flow flow = one(statement);
    if (flow != Flow::on) return flow;
    if (trace_.writes.size() > options_.last) return Flow::done;
  }
  return Flow::on;
}

Tracer::Flow Tracer::one(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::empty:
      return Flow::on;
    case StatementKind::leave:
      return Flow::leave;
    case StatementKind::next:
      return Flow::next;
    case StatementKind::result:
      result(statement);
      return Flow::done;
    case StatementKind::condition:
      return block(truth(statement.value) ? statement.body : statement.otherwise);
    case StatementKind::loop_while:
      while (truth(statement.value)) {
        const Flow flow = block(statement.body);
        if (flow == Flow::leave) break;
        if (flow == Flow::done) return flow;
        if (++steps_ > most_traced_steps) throw SyntaxError("a loop is too long to follow");
      }
      return Flow::on;
    case StatementKind::loop_for:
      return loop(statement);
    default:
      plain(statement);
      return Flow::on;
  }
}

c10::IValue Tracer::evaluate(const Expr& expression) {
  return runner_.evaluate(text_of(expression.span), names_in(expression), environment_);
}

bool Tracer::truth(const Expr& condition) {
  return runner_
      .evaluate("bool(" + text_of(condition.span) + ")", names_in(condition), environment_)
      .toBool();
}

Tracer::Flow Tracer::loop(const Statement& statement) {
  const std::vector<c10::IValue> items =
      runner_.items(text_of(statement.value.span), names_in(statement.value), environment_);
  const std::string outer = iteration_;
  for (const c10::IValue& item : items) {
    bind(statement.targets[0], item, statement);
    const Expr& target = statement.targets[0];
    if (target.is(ExprKind::name) && item.isInt())
      iteration_ =
          (outer.empty() ? "" : outer + ", ") + fmt::format("{} = {}", target.text, item.toInt());
    const Flow flow = block(statement.body);
    iteration_ = outer;
    if (flow == Flow::leave) break;
    if (flow == Flow::done) return flow;
  }
  return Flow::on;
}

void Tracer::bind(const Expr& target, const c10::IValue& item, const Statement& statement) {
  if (target.is(ExprKind::tuple) || target.is(ExprKind::paren)) {
    const Expr& tuple = without_parens(target);
    const auto& elements = item.toTupleRef().elements();
    for (std::size_t i = 0; i < tuple.children.size(); ++i)
      bind(tuple.children[i], elements[i], statement);
    return;
  }
  Write write;
  write.name = target.text;
  write.reads = reads_of(names_in(statement.value));
  environment_[target.text] = item;
  latest_[target.text] = add(std::move(write));
}

std::vector<std::size_t> Tracer::reads_of(const std::vector<std::string>& names) const {
  std::vector<std::size_t> reads;
  for (const std::string& name : names)
    if (const auto found = latest_.find(name); found != latest_.end())
      reads.push_back(found->second);
  return reads;
}

Environment Tracer::snapshot(std::size_t writes) const {
  Environment taken;
  const std::size_t first = trace_.writes.size();
  if (options_.snapshot_at < first || options_.snapshot_at >= first + writes) return taken;
  for (const auto& [name, value] : environment_) taken[name] = copied(value);
  return taken;
}

std::vector<std::string> Tracer::names_of(const Statement& statement) const {
  std::vector<std::string> names = names_in(statement);
  if (statement.kind != StatementKind::opaque) return names;
  for (const Token& token : tokenize(text_of(statement.span)))
    if (token.kind == Token::Kind::name &&
        std::find(names.begin(), names.end(), token.text) == names.end())
      names.push_back(token.text);
  return names;
}

void Tracer::plain(const Statement& statement) {
  if (is_dictionary(statement)) return dictionary(statement);
  if (changes_entry(statement)) return changed_entry(statement);
  const std::vector<std::string> names = names_of(statement);
  const std::vector<std::string> written = names_written(statement);
  Write base;
  base.statement = &statement;
  base.iteration = iteration_;
  base.reads = reads_of(names);
  base.environment = snapshot(written.size());
  if (statement.kind == StatementKind::assign || statement.kind == StatementKind::annotate ||
      statement.kind == StatementKind::augment)
    base.expression = &statement.value;
  execute(statement, names, written);
  for (const std::string& name : written) {
    if (!environment_.count(name)) continue;
    Write write = base;
    write.name = name;
    record(std::move(write), statement);
  }
}

void Tracer::execute(const Statement& statement, const std::vector<std::string>& names,
                     const std::vector<std::string>& written) {
  const std::string indent = indent_of(statement);
  std::vector<c10::IValue> values;
  const bool simple = statement.kind == StatementKind::assign;
  if (options_.follow && simple)
    values = followed(
        [&](const std::vector<FunctionSyntax>& functions) {
          return explode(statement, text_, environment_, functions);
        },
        statement, indent, names, written);
  if (values.empty())
    values = runner_.run(indent + text_of(statement.span), indent, names, written, environment_);
  for (std::size_t i = 0; i < written.size(); ++i) environment_[written[i]] = values[i];
}

std::vector<c10::IValue> Tracer::followed(const Exploding& exploding, const Statement& statement,
                                          const std::string& indent,
                                          const std::vector<std::string>& names,
                                          const std::vector<std::string>& outputs) {
  static const std::vector<FunctionSyntax> none;
  for (const auto* functions : {&functions_, &none}) {
    const auto parts = exploding(*functions);
    if (!parts) return {};
    const std::vector<std::string> first =
        outputs.empty() ? std::vector<std::string>{parts->result} : outputs;
    try {
      auto values =
          runner_.run(parts->body(indent), indent, names, parts->outputs(first), environment_);
      note_parts(*parts, values, first.size(), statement);
      return values;
    } catch (const std::exception&) {
    }
  }
  return {};
}

void Tracer::note_parts(const ExplodedStatement& parts, const std::vector<c10::IValue>& values,
                        std::size_t offset, const Statement& statement) {
  for (const ExplodedPart& part : parts.parts) {
    if (part.is_inner) continue;
    const c10::IValue& value = values[offset++];
    if (!is_floating_tensor(value)) continue;
    trace_.forward.push_back({part.is_use ? part.text : "", part.text, value.toTensor(),
                              statement.line, iteration_, part.is_use,
                              part.is_use ? text_of(statement.span) : ""});
  }
}

void Tracer::record(Write write, const Statement& statement) {
  c10::IValue& value = environment_[write.name];
  const std::string name = write.name;
  const std::size_t index = trace_.writes.size();
  if (const auto found = options_.overrides.find(index); found != options_.overrides.end()) {
    const bool in_place =
        statement.kind == StatementKind::augment || statement.kind == StatementKind::expression ||
        (!statement.targets.empty() && statement.targets[0].is(ExprKind::subscript));
    if (in_place && value.isTensor() && value.toTensor().sizes() == found->second.sizes())
      value.toTensor().copy_(found->second);
    else
      value = found->second.clone();
  }
  // A mask where numbers were meant is a value like another.
  if (value.isTensor() && value.toTensor().defined() && value.toTensor().scalar_type() == at::kBool)
    write.value = value.toTensor().to(at::kDouble);
  if (is_floating_tensor(value)) {
    write.value = value.toTensor().detach().clone();
    if (options_.follow)
      trace_.forward.push_back(
          {name, name, value.toTensor(), statement.line, iteration_, false, ""});
  }
  latest_[name] = add(std::move(write));
}

Trace trace(const FunctionSyntax& function, const std::string& text,
            const std::vector<FunctionSyntax>& functions, const Environment& arguments,
            SnippetRunner& runner, const TraceOptions& options) {
  return Tracer(text, functions, runner, options).run(function, arguments);
}

}  // namespace gradient_check
