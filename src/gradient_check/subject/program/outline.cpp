#include "gradient_check/subject/program/outline.h"

#include <algorithm>

#include "gradient_check/python/syntax/parser.h"
#include "gradient_check/subject/program/expression_outline.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

/// Makes Statements of the statements of a tree.
class StatementOutline {
 public:
  explicit StatementOutline(const python::SourceText& source)
      : source_(source), expressions_(source.code()) {}

  std::vector<Statement> block(const std::vector<ast::StatementPtr>& statements) const {
    std::vector<Statement> body;
    for (const ast::StatementPtr& statement : statements) body.push_back(of(*statement));
    return body;
  }

  FunctionSyntax function(const ast::Statement& statement, const ast::FunctionDef& form,
                          const std::string& within) const {
    FunctionSyntax function;
    function.name = within + form.name;
    function.first = form.body.front().get();
    function.span = {statement.span.begin, statement.span.end};
    for (const ast::Parameter& parameter : form.parameters)
      function.arguments.push_back(parameter.name);
    function.body = block(form.body);
    return function;
  }

 private:
  Statement of(const ast::Statement& node) const {
    Statement statement;
    statement.id = node.id;
    statement.span = {node.span.begin, node.span.end};
    statement.line = source_.line_index(node.span.begin) + 1;
    std::visit([&](const auto& form) { fill(form, node, statement); }, node.form);
    return statement;
  }

  Expr expression(const ast::ExpressionPtr& node) const {
    return node ? expressions_.of(node) : Expr();
  }

  void fill(const ast::Assign& form, const ast::Statement&, Statement& into) const {
    into.kind = StatementKind::assign;
    for (const ast::ExpressionPtr& target : form.targets)
      into.targets.push_back(expression(target));
    into.value = expression(form.value);
  }
  void fill(const ast::AugAssign& form, const ast::Statement&, Statement& into) const {
    into.kind = StatementKind::augment;
    into.text = std::string(to_text(form.op)) + "=";
    into.targets.push_back(expression(form.target));
    into.value = expression(form.value);
  }
  void fill(const ast::AnnAssign& form, const ast::Statement&, Statement& into) const {
    into.kind = StatementKind::annotate;
    into.targets.push_back(expression(form.target));
    into.value = expression(form.value);
  }
  void fill(const ast::Expr& form, const ast::Statement&, Statement& into) const {
    into.value = expression(form.value);
    into.kind = into.value.is(ExprKind::string) ? StatementKind::empty : StatementKind::expression;
  }
  void fill(const ast::Return& form, const ast::Statement&, Statement& into) const {
    into.kind = StatementKind::result;
    into.value = expression(form.value);
  }
  void fill(const ast::If& form, const ast::Statement&, Statement& into) const {
    into.kind = StatementKind::condition;
    into.value = expression(form.test);
    into.body = block(form.body);
    into.otherwise = block(form.orelse);
  }
  void fill(const ast::For& form, const ast::Statement&, Statement& into) const {
    into.kind = StatementKind::loop_for;
    into.targets.push_back(expression(form.target));
    into.value = expression(form.iter);
    into.body = block(form.body);
    into.otherwise = block(form.orelse);
  }
  void fill(const ast::While& form, const ast::Statement&, Statement& into) const {
    into.kind = StatementKind::loop_while;
    into.value = expression(form.test);
    into.body = block(form.body);
    into.otherwise = block(form.orelse);
  }
  void fill(const ast::Pass&, const ast::Statement&, Statement& into) const {
    into.kind = StatementKind::empty;
  }
  void fill(const ast::Break&, const ast::Statement&, Statement& into) const {
    into.kind = StatementKind::leave;
  }
  void fill(const ast::Continue&, const ast::Statement&, Statement& into) const {
    into.kind = StatementKind::next;
  }
  void fill(const ast::With& form, const ast::Statement& node, Statement& into) const {
    opaque(node, into);
    into.body = block(form.body);
  }
  template <typename Form>
  void fill(const Form&, const ast::Statement& node, Statement& into) const {
    opaque(node, into);
  }

  void opaque(const ast::Statement& node, Statement& into) const {
    into.kind = StatementKind::opaque;
    into.value = expressions_.other(node);
  }

  const python::SourceText& source_;
  const ExpressionOutline expressions_;
};

}  // namespace

std::vector<FunctionSyntax> outline(const ast::Module& module) {
  const StatementOutline statements(*module.source);
  std::vector<FunctionSyntax> functions;
  for (const ast::StatementPtr& statement : module.body) {
    if (const auto* function = statement->as<ast::FunctionDef>())
      functions.push_back(statements.function(*statement, *function, ""));
    if (const auto* type = statement->as<ast::ClassDef>())
      for (const ast::StatementPtr& member : type->body)
        if (const auto* method = member->as<ast::FunctionDef>())
          functions.push_back(statements.function(*member, *method, type->name + "."));
  }
  return functions;
}

std::vector<Statement> outline(const python::SourceText& source,
                               const std::vector<ast::StatementPtr>& statements) {
  return StatementOutline(source).block(statements);
}

std::vector<FunctionSyntax> parse_functions(const std::string& text) {
  try {
    return outline(python::parse(std::make_shared<python::SourceText>("", text)));
  } catch (const python::SyntaxError& error) {
    throw SyntaxError(error.what());
  }
}

}  // namespace gradient_check
