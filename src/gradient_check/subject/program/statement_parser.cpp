#include "gradient_check/subject/program/statement_parser.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "gradient_check/subject/program/nesting.h"

namespace gradient_check {
namespace {

bool is_augmented(const Token& token) {
  static const std::set<std::string> operators{
      "+=", "-=", "*=", "/=", "@=", "%=", "**=", "//=", "&=", "|=", "^=", "<<=", ">>="};
  return token.kind == Token::Kind::op && operators.count(token.text) != 0;
}

}  // namespace

std::vector<Statement> StatementParser::block() {
  const Nesting level(depth_, cursor_.current().line);
  cursor_.expect(":");
  if (!cursor_.is(Token::Kind::newline)) {
    std::vector<Statement> body;
    simple_statements(body);
    return body;
  }
  while (cursor_.is(Token::Kind::newline)) cursor_.advance();
  if (!cursor_.is(Token::Kind::indent))
    throw SyntaxError(fmt::format("line {}: expected an indented block", cursor_.current().line));
  return indented();
}

std::vector<Statement> StatementParser::indented() {
  std::vector<Statement> body;
  cursor_.advance();
  while (!cursor_.is(Token::Kind::dedent) && !cursor_.is_end()) statement(body);
  if (cursor_.is(Token::Kind::dedent)) cursor_.advance();
  return body;
}

void StatementParser::statement(std::vector<Statement>& into) {
  if (cursor_.is(Token::Kind::newline)) {
    cursor_.advance();
  } else if (cursor_.is("if")) {
    into.push_back(condition());
  } else if (cursor_.is("for")) {
    into.push_back(loop_for());
  } else if (cursor_.is("while")) {
    into.push_back(loop_while());
  } else if (cursor_.is("with") || cursor_.is("def") || cursor_.is("try") || cursor_.is("class")) {
    into.push_back(opaque_block());
  } else {
    simple_statements(into);
  }
}

Statement StatementParser::begun() const {
  Statement result;
  result.span.begin = cursor_.current().span.begin;
  result.line = cursor_.current().line;
  return result;
}

Statement StatementParser::condition() {
  Statement result = begun();
  result.kind = StatementKind::condition;
  cursor_.advance();  // if, or the elif of another
  result.value = expressions_.expression();
  return with_blocks(std::move(result));
}

Statement StatementParser::loop_for() {
  Statement result = begun();
  result.kind = StatementKind::loop_for;
  cursor_.expect("for");
  result.targets.push_back(expressions_.target_list());
  cursor_.expect("in");
  result.value = expressions_.expression_list();
  return with_blocks(std::move(result));
}

Statement StatementParser::loop_while() {
  Statement result = begun();
  result.kind = StatementKind::loop_while;
  cursor_.expect("while");
  result.value = expressions_.expression();
  return with_blocks(std::move(result));
}

Statement StatementParser::with_blocks(Statement header) {
  const Nesting level(depth_, cursor_.current().line);
  header.body = block();
  if (header.kind == StatementKind::condition && cursor_.is("elif"))
    header.otherwise.push_back(condition());
  else if (cursor_.accept("else"))
    header.otherwise = block();
  header.span.end = cursor_.text_end();
  return header;
}

Statement StatementParser::opaque_block() {
  const Nesting level(depth_, cursor_.current().line);
  Statement result = begun();
  while (!cursor_.is(Token::Kind::newline) && !cursor_.is_end()) cursor_.advance();
  cursor_.advance();
  if (cursor_.is(Token::Kind::indent)) result.body = indented();
  result.span.end = cursor_.text_end();
  return result;
}

void StatementParser::simple_statements(std::vector<Statement>& into) {
  do {
    if (cursor_.is(Token::Kind::newline)) break;
    into.push_back(simple_statement());
  } while (cursor_.accept(";"));
  if (cursor_.is(Token::Kind::newline))
    cursor_.advance();
  else if (!cursor_.is_end())
    throw SyntaxError(
        fmt::format("line {}: unexpected '{}'", cursor_.current().line, cursor_.current().text));
}

Statement StatementParser::simple_statement() {
  Statement result = begun();
  if (cursor_.accept("return")) {
    result.kind = StatementKind::result;
    if (!cursor_.is(Token::Kind::newline) && !cursor_.is(";"))
      result.value = expressions_.expression_list();
  } else if (cursor_.accept("pass")) {
    result.kind = StatementKind::empty;
  } else if (cursor_.accept("break")) {
    result.kind = StatementKind::leave;
  } else if (cursor_.accept("continue")) {
    result.kind = StatementKind::next;
  } else {
    bool opaque = false;
    for (const char* word : {"assert", "raise", "del", "global", "import", "from"})
      opaque = opaque || cursor_.is(word);
    if (opaque)
      opaque_line();
    else
      expression_statement(result);
  }
  result.span.end = cursor_.text_end();
  return result;
}

void StatementParser::opaque_line() {
  while (!cursor_.is(Token::Kind::newline) && !cursor_.is(";") && !cursor_.is_end())
    cursor_.advance();
}

void StatementParser::expression_statement(Statement& result) {
  Expr first = expressions_.expression_list();
  if (is_augmented(cursor_.current())) {
    result.kind = StatementKind::augment;
    result.text = cursor_.current().text;
    cursor_.advance();
    result.targets.push_back(std::move(first));
    result.value = expressions_.expression_list();
  } else if (cursor_.accept(":")) {
    result.kind = StatementKind::annotate;
    result.targets.push_back(std::move(first));
    expressions_.expression();
    if (cursor_.accept("=")) result.value = expressions_.expression_list();
  } else if (cursor_.is("=")) {
    assignment(result, std::move(first));
  } else {
    result.kind = first.is(ExprKind::string) ? StatementKind::empty : StatementKind::expression;
    result.value = std::move(first);
  }
}

void StatementParser::assignment(Statement& result, Expr first) {
  result.kind = StatementKind::assign;
  while (cursor_.accept("=")) {
    result.targets.push_back(std::move(first));
    first = expressions_.expression_list();
  }
  result.value = std::move(first);
}

}  // namespace gradient_check
