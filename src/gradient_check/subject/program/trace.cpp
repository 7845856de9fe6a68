#include "gradient_check/subject/program/trace.h"

#include <ATen/ops/unbind.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gradient_check/subject/program/exploded.h"
#include "gradient_check/subject/program/tokens.h"

namespace gradient_check {
namespace {

constexpr std::size_t most_steps = 20000;

c10::IValue copied(const c10::IValue& value) {
  if (value.isTensor() && value.toTensor().defined()) return value.toTensor().detach().clone();
  return value;
}

bool is_floating_tensor(const c10::IValue& value) {
  return value.isTensor() && value.toTensor().defined() && value.toTensor().is_floating_point();
}

/// Without the quotes.
std::string unquoted(const std::string& literal) {
  return literal.size() >= 2 ? literal.substr(1, literal.size() - 2) : literal;
}

const Expr& without_parens(const Expr& expression) {
  const Expr* at = &expression;
  while (at->is(Expr::Kind::paren)) at = &at->children[0];
  return *at;
}

class Tracer {
 public:
  Tracer(const std::string& text, SnippetRunner& runner, const TraceOptions& options)
      : text_(text), runner_(runner), options_(options) {}

  Trace run(const FunctionSyntax& function, const Environment& arguments) {
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
        function.body.back().kind == Statement::Kind::result)
      result(function.body.back());
    return std::move(trace_);
  }

 private:
  enum class Flow { on, leave, next, done };

  std::string text_of(const Span& span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }

  std::string indent_of(const Statement& statement) const {
    const std::size_t newline = text_.rfind('\n', statement.span.begin);
    const std::size_t start = newline == std::string::npos ? 0 : newline + 1;
    const std::size_t end = text_.find_first_not_of(" \t", start);
    const std::string indent = text_.substr(start, end - start);
    return indent.empty() ? "    " : indent;
  }

  std::size_t add(Write write) {
    if (!iteration_.empty())
      for (const auto& [name, value] : environment_)
        if (value.isInt()) write.integers.insert(fmt::format("{} = {}", name, value.toInt()));
    trace_.writes.push_back(std::move(write));
    return trace_.writes.size() - 1;
  }

  Flow block(const std::vector<Statement>& body) {
    for (const Statement& statement : body) {
      if (++steps_ > most_steps) throw SyntaxError("too many statements to follow one by one");
      const Flow flow = one(statement);
      if (flow != Flow::on) return flow;
      if (trace_.writes.size() > options_.last) return Flow::done;
    }
    return Flow::on;
  }

  Flow one(const Statement& statement) {
    switch (statement.kind) {
      case Statement::Kind::empty:
        return Flow::on;
      case Statement::Kind::leave:
        return Flow::leave;
      case Statement::Kind::next:
        return Flow::next;
      case Statement::Kind::result:
        result(statement);
        return Flow::done;
      case Statement::Kind::condition:
        return block(truth(statement.value) ? statement.body : statement.otherwise);
      case Statement::Kind::loop_while:
        while (truth(statement.value)) {
          const Flow flow = block(statement.body);
          if (flow == Flow::leave) break;
          if (flow == Flow::done) return flow;
          if (++steps_ > most_steps) throw SyntaxError("a loop is too long to follow");
        }
        return Flow::on;
      case Statement::Kind::loop_for:
        return loop(statement);
      default:
        plain(statement);
        return Flow::on;
    }
  }

  c10::IValue evaluate(const Expr& expression) {
    return runner_.evaluate(text_of(expression.span), names_in(expression), environment_);
  }

  bool truth(const Expr& condition) {
    return runner_
        .evaluate("bool(" + text_of(condition.span) + ")", names_in(condition), environment_)
        .toBool();
  }

  Flow loop(const Statement& statement) {
    const std::vector<c10::IValue> items = items_of(statement.value);
    const std::string outer = iteration_;
    for (const c10::IValue& item : items) {
      bind(statement.targets[0], item, statement);
      const Expr& target = statement.targets[0];
      if (target.is(Expr::Kind::name) && item.isInt())
        iteration_ =
            (outer.empty() ? "" : outer + ", ") + fmt::format("{} = {}", target.text, item.toInt());
      const Flow flow = block(statement.body);
      iteration_ = outer;
      if (flow == Flow::leave) break;
      if (flow == Flow::done) return flow;
    }
    return Flow::on;
  }

  /// The items that a for loop goes over.
  std::vector<c10::IValue> items_of(const Expr& iterable) {
    const Expr& call = without_parens(iterable);
    const bool named = call.is(Expr::Kind::call) && call.children[0].is(Expr::Kind::name);
    const std::string name = named ? call.children[0].text : "";
    if (name == "range")
      return runner_
          .evaluate("[__i for __i in " + text_of(call.span) + "]", names_in(call), environment_)
          .toListRef()
          .vec();
    if (name == "enumerate" || name == "zip" || name == "reversed") {
      std::vector<std::vector<c10::IValue>> columns;
      for (std::size_t i = 1; i < call.children.size(); ++i)
        columns.push_back(items_of(call.children[i]));
      if (columns.empty()) throw SyntaxError("nothing to loop over");
      if (name == "reversed") {
        std::reverse(columns[0].begin(), columns[0].end());
        return columns[0];
      }
      std::vector<c10::IValue> rows;
      for (std::size_t i = 0; i < columns[0].size(); ++i) {
        std::vector<c10::IValue> row;
        if (name == "enumerate") row.emplace_back(static_cast<std::int64_t>(i));
        for (const auto& column : columns) {
          if (i >= column.size()) return rows;
          row.push_back(column[i]);
        }
        rows.emplace_back(c10::ivalue::Tuple::create(std::move(row)));
      }
      return rows;
    }
    const c10::IValue value = evaluate(iterable);
    if (value.isTensor()) {
      std::vector<c10::IValue> slices;
      for (const at::Tensor& slice : value.toTensor().unbind(0)) slices.emplace_back(slice);
      return slices;
    }
    if (value.isTuple()) return value.toTupleRef().elements().vec();
    return value.toListRef().vec();
  }

  void bind(const Expr& target, const c10::IValue& item, const Statement& statement) {
    if (target.is(Expr::Kind::tuple) || target.is(Expr::Kind::paren)) {
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

  std::vector<std::size_t> reads_of(const std::vector<std::string>& names) const {
    std::vector<std::size_t> reads;
    for (const std::string& name : names)
      if (const auto found = latest_.find(name); found != latest_.end())
        reads.push_back(found->second);
    return reads;
  }

  /// All variables before the statement whose write was asked for.
  Environment snapshot(std::size_t writes) const {
    Environment taken;
    const std::size_t first = trace_.writes.size();
    if (options_.snapshot_at < first || options_.snapshot_at >= first + writes) return taken;
    for (const auto& [name, value] : environment_) taken[name] = copied(value);
    return taken;
  }

  /// All names in a statement, those of an opaque block by its tokens.
  std::vector<std::string> names_of(const Statement& statement) const {
    std::vector<std::string> names = names_in(statement);
    if (statement.kind != Statement::Kind::opaque) return names;
    for (const Token& token : tokenize(text_of(statement.span)))
      if (token.kind == Token::Kind::name &&
          std::find(names.begin(), names.end(), token.text) == names.end())
        names.push_back(token.text);
    return names;
  }

  void plain(const Statement& statement) {
    if (is_dictionary(statement)) return dictionary(statement);
    if (changes_entry(statement)) return changed_entry(statement);
    const std::vector<std::string> names = names_of(statement);
    const std::vector<std::string> written = names_written(statement);
    Write base;
    base.statement = &statement;
    base.iteration = iteration_;
    base.reads = reads_of(names);
    base.environment = snapshot(written.size());
    if (statement.kind == Statement::Kind::assign || statement.kind == Statement::Kind::annotate ||
        statement.kind == Statement::Kind::augment)
      base.expression = &statement.value;
    execute(statement, names, written);
    for (const std::string& name : written) {
      if (!environment_.count(name)) continue;
      Write write = base;
      write.name = name;
      record(std::move(write), statement);
    }
  }

  void execute(const Statement& statement, const std::vector<std::string>& names,
               const std::vector<std::string>& written) {
    const std::string indent = indent_of(statement);
    std::vector<c10::IValue> values;
    const bool simple = statement.kind == Statement::Kind::assign;
    if (options_.follow && simple) {
      if (auto parts = explode(statement, text_, environment_)) {
        try {
          values = runner_.run(parts->body(indent), indent, names, parts->outputs(written),
                               environment_);
          note_parts(*parts, values, written.size(), statement);
        } catch (const std::exception&) {
          values.clear();
        }
      }
    }
    if (values.empty())
      values = runner_.run(indent + text_of(statement.span), indent, names, written, environment_);
    for (std::size_t i = 0; i < written.size(); ++i) environment_[written[i]] = values[i];
  }

  void note_parts(const ExplodedStatement& parts, const std::vector<c10::IValue>& values,
                  std::size_t offset, const Statement& statement) {
    for (std::size_t i = 0; i < parts.parts.size(); ++i) {
      const c10::IValue& value = values[offset + i];
      if (!is_floating_tensor(value)) continue;
      const ExplodedPart& part = parts.parts[i];
      trace_.forward.push_back({part.is_use ? part.text : "", part.text, value.toTensor(),
                                statement.line, iteration_, part.is_use,
                                part.is_use ? text_of(statement.span) : ""});
    }
  }

  /// Takes the variable's value into the trace, or an override in its place.
  void record(Write write, const Statement& statement) {
    c10::IValue& value = environment_[write.name];
    const std::string name = write.name;
    const std::size_t index = trace_.writes.size();
    if (const auto found = options_.overrides.find(index); found != options_.overrides.end()) {
      const bool in_place =
          statement.kind == Statement::Kind::augment ||
          statement.kind == Statement::Kind::expression ||
          (!statement.targets.empty() && statement.targets[0].is(Expr::Kind::subscript));
      if (in_place && value.isTensor() && value.toTensor().sizes() == found->second.sizes())
        value.toTensor().copy_(found->second);
      else
        value = found->second.clone();
    }
    // A mask where numbers were meant is a value like another.
    if (value.isTensor() && value.toTensor().defined() &&
        value.toTensor().scalar_type() == at::kBool)
      write.value = value.toTensor().to(at::kDouble);
    if (is_floating_tensor(value)) {
      write.value = value.toTensor().detach().clone();
      if (options_.follow)
        trace_.forward.push_back(
            {name, name, value.toTensor(), statement.line, iteration_, false, ""});
    }
    latest_[name] = add(std::move(write));
  }

  /// grads = {…} or grads["w"] = …, where the entries are gradients.
  static bool is_dictionary(const Statement& statement) {
    if (statement.kind != Statement::Kind::assign && statement.kind != Statement::Kind::annotate)
      return false;
    if (statement.targets.size() != 1) return false;
    const Expr& target = statement.targets[0];
    if (target.is(Expr::Kind::name) && statement.value.is(Expr::Kind::dict)) return true;
    return target.is(Expr::Kind::subscript) && target.children.size() == 2 &&
           target.children[0].is(Expr::Kind::name) && target.children[1].is(Expr::Kind::string);
  }

  using Gradients = c10::Dict<std::string, at::Tensor>;

  void dictionary(const Statement& statement) {
    const Expr& target = statement.targets[0];
    const bool literal_value = target.is(Expr::Kind::name);
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

  /// grads["w"] += …
  bool changes_entry(const Statement& statement) const {
    if (statement.kind != Statement::Kind::augment) return false;
    const Expr& target = statement.targets[0];
    return target.is(Expr::Kind::subscript) && target.children[0].is(Expr::Kind::name) &&
           pending_.count(target.children[0].text) != 0 &&
           target.children[1].is(Expr::Kind::string);
  }

  void changed_entry(const Statement& statement) {
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

  void literal(const Expr& dict, const Statement& statement) {
    for (std::size_t i = 0; i + 1 < dict.children.size(); i += 2)
      entry(unquoted(dict.children[i].text), dict.children[i + 1], statement);
  }

  void entry(const std::string& key, const Expr& expression, const Statement& statement) {
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

  void result(const Statement& statement) {
    const Expr& value = without_parens(statement.value);
    const Expr* gradients = &value;
    const Expr* output = &value;
    if (value.is(Expr::Kind::tuple) && value.children.size() == 2) {
      output = &value.children[0];
      gradients = &value.children[1];
    }
    if (output != gradients || options_.follow) {
      trace_.output_reads = reads_of(names_in(*output));
      finish_output(*output, statement);
    }
    if (options_.follow) return;
    const Expr& dict = without_parens(*gradients);
    if (dict.is(Expr::Kind::dict))
      literal(dict, statement);
    else if (!(dict.is(Expr::Kind::name) && pending_.count(dict.text)))
      throw SyntaxError("the gradients are returned in a way that cannot be followed");
  }

  /// The output, whose own expression is taken apart where autograd follows it.
  void finish_output(const Expr& output, const Statement& statement) {
    if (options_.follow) {
      if (auto parts = explode(output, text_, environment_)) {
        try {
          const auto values = runner_.run(parts->body("    "), "    ", names_in(output),
                                          parts->outputs({parts->result}), environment_);
          note_parts(*parts, values, 1, statement);
          trace_.output = values[0];
          return;
        } catch (const std::exception&) {
        }
      }
    }
    trace_.output = evaluate(output);
  }

  const std::string& text_;
  SnippetRunner& runner_;
  const TraceOptions& options_;
  Environment environment_;
  std::map<std::string, std::size_t> latest_;
  std::set<std::string> pending_;  ///< variables that hold the dictionary
  std::string iteration_;
  std::size_t steps_ = 0;
  Trace trace_;
};

}  // namespace

Trace trace(const FunctionSyntax& function, const std::string& text, const Environment& arguments,
            SnippetRunner& runner, const TraceOptions& options) {
  return Tracer(text, runner, options).run(function, arguments);
}

}  // namespace gradient_check
