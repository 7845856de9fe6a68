#include "gradient_check/python/syntax/statement_printer.h"

#include "gradient_check/python/syntax/pattern_printer.h"

namespace gradient_check::python {
namespace {

constexpr int block_indent = 4;

}  // namespace

struct StatementPrinter::Forms {
  StatementPrinter& p;
  ExpressionPrinter& e;
  std::string& out;

  void operator()(const ast::Expr& statement) const {
    const bool named = precedence(*statement.value) == Precedence::NamedExpr;
    if (named) out += '(';
    e.print_right_side(*statement.value);
    if (named) out += ')';
  }
  void operator()(const ast::Assign& assign) const {
    for (const ast::ExpressionPtr& target : assign.targets) {
      e.print_star_expressions(*target);
      out += " = ";
    }
    e.print_right_side(*assign.value);
  }
  void operator()(const ast::AugAssign& assign) const {
    e.print(*assign.target);
    out += ' ';
    out += to_text(assign.op);
    out += "= ";
    e.print_right_side(*assign.value);
  }
  void operator()(const ast::AnnAssign& assign) const {
    // A name in parentheses makes no variable; copied text has its own.
    const bool copied = p.source_ != nullptr && assign.target->origin == ast::Origin::source;
    const bool parentheses = !copied && assign.target->as<ast::Name>() != nullptr &&
                             assign.target->origin != ast::Origin::made &&
                             assign.target->is_parenthesized();
    if (parentheses) out += '(';
    e.print(*assign.target);
    if (parentheses) out += ')';
    out += ": ";
    e.print(*assign.annotation);
    if (!assign.value) return;
    out += " = ";
    e.print_right_side(*assign.value);
  }
  void operator()(const ast::For& loop) const {
    out += loop.is_async ? "async for " : "for ";
    e.print_star_expressions(*loop.target);
    out += " in ";
    e.print_star_expressions(*loop.iter);
    p.print_block(loop.body);
    p.print_else("else", loop.orelse);
  }
  void operator()(const ast::While& loop) const {
    out += "while ";
    e.print(*loop.test);
    p.print_block(loop.body);
    p.print_else("else", loop.orelse);
  }
  void operator()(const ast::If& condition) const {
    out += "if ";
    e.print(*condition.test);
    p.print_block(condition.body);
    p.print_elif_or_else(condition.orelse);
  }
  void operator()(const ast::With& with) const { p.print_with(with); }
  void operator()(const ast::FunctionDef& function) const { p.print_function(function); }
  void operator()(const ast::ClassDef& definition) const { p.print_class(definition); }
  void operator()(const ast::Return& statement) const {
    out += "return";
    if (!statement.value) return;
    out += ' ';
    e.print_star_expressions(*statement.value);
  }
  void operator()(const ast::Delete& statement) const {
    out += "del ";
    e.print_list(statement.targets);
  }
  void operator()(const ast::Raise& raise) const {
    out += "raise";
    if (!raise.exc) return;
    out += ' ';
    e.print(*raise.exc);
    if (!raise.cause) return;
    out += " from ";
    e.print(*raise.cause);
  }
  void operator()(const ast::Try& statement) const { p.print_try(statement); }
  void operator()(const ast::Assert& statement) const {
    out += "assert ";
    e.print(*statement.test);
    if (!statement.msg) return;
    out += ", ";
    e.print(*statement.msg);
  }
  void operator()(const ast::Import& import) const {
    out += "import ";
    p.print_aliases(import.names);
  }
  void operator()(const ast::ImportFrom& import) const {
    out += "from " + std::string(static_cast<std::size_t>(import.level), '.');
    if (import.module) out += *import.module;
    out += " import ";
    p.print_aliases(import.names);
  }
  void operator()(const ast::Global& global) const { p.print_names("global ", global.names); }
  void operator()(const ast::Nonlocal& nonlocal) const {
    p.print_names("nonlocal ", nonlocal.names);
  }
  void operator()(const ast::Pass&) const { out += "pass"; }
  void operator()(const ast::Break&) const { out += "break"; }
  void operator()(const ast::Continue&) const { out += "continue"; }
  void operator()(const ast::Match& match) const { p.print_match(match); }
  void operator()(const ast::TypeAlias& alias) const {
    out += "type ";
    e.print(*alias.name);
    p.print_type_parameters(alias.type_params);
    out += " = ";
    e.print(*alias.value);
  }
  void operator()(const ast::Print2& print) const { p.print_print(print); }
  void operator()(const ast::Exec2& exec) const {
    out += "exec ";
    e.print(*exec.body, Precedence::BitOr);
    if (exec.globals) out += " in ", e.print(*exec.globals);
    if (exec.locals) out += ", ", e.print(*exec.locals);
  }
};

void StatementPrinter::print(const ast::Statement& statement) {
  const auto* const function = statement.as<ast::FunctionDef>();
  const auto* const definition = statement.as<ast::ClassDef>();
  // Decorators stand outside of the span.
  const bool decorated = (function != nullptr && !function->decorator_list.empty()) ||
                         (definition != nullptr && !definition->decorator_list.empty());
  if (source_ != nullptr && statement.origin == ast::Origin::source && !decorated) {
    const std::string_view text = source_->text(statement.span);
    if (text.find('\n') == std::string_view::npos) {
      out_ += text;
      return;
    }
  }
  print_form(statement);
}

void StatementPrinter::print_form(const ast::Statement& statement) {
  std::visit(Forms{*this, expressions_, out_}, statement.form);
}

void StatementPrinter::begin_line() {
  if (!out_.empty() && out_.back() != '\n') out_ += '\n';
  out_.append(static_cast<std::size_t>(indent_), ' ');
}

void StatementPrinter::print_lines(const std::vector<ast::StatementPtr>& statements) {
  for (const ast::StatementPtr& statement : statements) {
    begin_line();
    print(*statement);
  }
}

void StatementPrinter::print_block(const std::vector<ast::StatementPtr>& body) {
  out_ += ':';
  indent_ += block_indent;
  print_lines(body);
  indent_ -= block_indent;
}

void StatementPrinter::print_else(const char* word, const std::vector<ast::StatementPtr>& body) {
  if (body.empty()) return;
  begin_line();
  out_ += word;
  print_block(body);
}

void StatementPrinter::print_elif_or_else(const std::vector<ast::StatementPtr>& orelse) {
  const auto* const elif = orelse.size() == 1 ? orelse.front()->as<ast::If>() : nullptr;
  if (elif == nullptr) return print_else("else", orelse);
  begin_line();
  out_ += "elif ";
  expressions_.print(*elif->test);
  print_block(elif->body);
  print_elif_or_else(elif->orelse);
}

void StatementPrinter::print_decorators(const std::vector<ast::ExpressionPtr>& decorators) {
  for (const ast::ExpressionPtr& decorator : decorators) {
    out_ += '@';
    expressions_.print(*decorator);
    begin_line();
  }
}

void StatementPrinter::print_function(const ast::FunctionDef& function) {
  print_decorators(function.decorator_list);
  out_ += function.is_async ? "async def " : "def ";
  out_ += function.name;
  print_type_parameters(function.type_params);
  out_ += '(';
  expressions_.print_parameters(function.parameters);
  out_ += ')';
  if (function.returns) {
    out_ += " -> ";
    expressions_.print(*function.returns);
  }
  print_block(function.body);
}

void StatementPrinter::print_class(const ast::ClassDef& definition) {
  print_decorators(definition.decorator_list);
  out_ += "class " + definition.name;
  print_type_parameters(definition.type_params);
  if (!definition.bases.empty() || !definition.keywords.empty()) {
    out_ += '(';
    expressions_.print_arguments(definition.bases, definition.keywords);
    out_ += ')';
  }
  print_block(definition.body);
}

void StatementPrinter::print_type_parameters(const std::vector<ast::TypeParameter>& parameters) {
  if (parameters.empty()) return;
  const char* separator = "[";
  for (const ast::TypeParameter& parameter : parameters) {
    out_ += separator;
    separator = ", ";
    if (parameter.kind == ast::TypeParameterKind::TypeVarTuple) out_ += '*';
    if (parameter.kind == ast::TypeParameterKind::ParamSpec) out_ += "**";
    out_ += parameter.name;
    if (!parameter.bound) continue;
    out_ += ": ";
    expressions_.print(*parameter.bound);
  }
  out_ += ']';
}

void StatementPrinter::print_with(const ast::With& with) {
  out_ += with.is_async ? "async with " : "with ";
  // A tuple that is all there is would be read as several items.
  const bool lone_tuple = with.items.size() == 1 && !with.items[0].optional_vars &&
                          with.items[0].context_expr->as<ast::Tuple>() != nullptr;
  for (std::size_t i = 0; i < with.items.size(); ++i) {
    if (i > 0) out_ += ", ";
    if (lone_tuple) out_ += '(';
    expressions_.print(*with.items[i].context_expr);
    if (lone_tuple) out_ += ')';
    if (!with.items[i].optional_vars) continue;
    out_ += " as ";
    expressions_.print(*with.items[i].optional_vars);
  }
  print_block(with.body);
}

void StatementPrinter::print_try(const ast::Try& statement) {
  out_ += "try";
  print_block(statement.body);
  for (const ast::ExceptHandler& handler : statement.handlers) {
    begin_line();
    out_ += statement.is_star ? "except*" : "except";
    if (handler.type) {
      out_ += ' ';
      expressions_.print(*handler.type);
    }
    if (handler.name) out_ += " as " + *handler.name;
    print_block(handler.body);
  }
  print_else("else", statement.orelse);
  print_else("finally", statement.finalbody);
}

void StatementPrinter::print_match(const ast::Match& match) {
  out_ += "match ";
  expressions_.print_star_expressions(*match.subject);
  out_ += ':';
  indent_ += block_indent;
  for (const ast::MatchCase& match_case : match.cases) {
    begin_line();
    out_ += "case ";
    PatternPrinter(out_, expressions_).print(*match_case.pattern);
    if (match_case.guard) {
      out_ += " if ";
      expressions_.print(*match_case.guard);
    }
    print_block(match_case.body);
  }
  indent_ -= block_indent;
}

void StatementPrinter::print_names(const char* word, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    out_ += word + name;
    word = ", ";
  }
}

void StatementPrinter::print_aliases(const std::vector<ast::Alias>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out_ += ", ";
    out_ += names[i].name;
    if (names[i].asname) out_ += " as " + *names[i].asname;
  }
}

void StatementPrinter::print_print(const ast::Print2& print) {
  out_ += "print";
  const char* separator = " ";
  if (print.destination) {
    out_ += " >>";
    expressions_.print(*print.destination);
    separator = ", ";
  }
  for (const ast::ExpressionPtr& value : print.values) {
    out_ += separator;
    expressions_.print(*value);
    separator = ", ";
  }
  if (!print.newline) out_ += ',';
}

}  // namespace gradient_check::python
