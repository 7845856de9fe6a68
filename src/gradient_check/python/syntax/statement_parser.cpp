#include "gradient_check/python/syntax/statement_parser.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "gradient_check/python/syntax/atom_parser.h"
#include "gradient_check/python/syntax/compound_parser.h"
#include "gradient_check/python/syntax/import_parser.h"
#include "gradient_check/python/syntax/syntax_advice.h"
#include "gradient_check/python/syntax/target_checker.h"
#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {

using ast::ExpressionPtr;
using ast::StatementPtr;

namespace {

std::optional<ast::BinaryOperator> augmented_operator(TokenType type) {
  using ast::BinaryOperator;
  switch (type) {
    case TokenType::PlusEqual:
      return BinaryOperator::Add;
    case TokenType::MinusEqual:
      return BinaryOperator::Sub;
    case TokenType::StarEqual:
      return BinaryOperator::Mult;
    case TokenType::SlashEqual:
      return BinaryOperator::Div;
    case TokenType::DoubleSlashEqual:
      return BinaryOperator::FloorDiv;
    case TokenType::PercentEqual:
      return BinaryOperator::Mod;
    case TokenType::AtEqual:
      return BinaryOperator::MatMult;
    case TokenType::DoubleStarEqual:
      return BinaryOperator::Pow;
    case TokenType::PipeEqual:
      return BinaryOperator::BitOr;
    case TokenType::CaretEqual:
      return BinaryOperator::BitXor;
    case TokenType::AmpersandEqual:
      return BinaryOperator::BitAnd;
    case TokenType::LeftShiftEqual:
      return BinaryOperator::LShift;
    case TokenType::RightShiftEqual:
      return BinaryOperator::RShift;
    default:
      return std::nullopt;
  }
}

}  // namespace

void StatementParser::line(std::vector<StatementPtr>& statements) {
  while (true) {
    const std::size_t first = context_.index();
    statements.push_back(statement());
    if (context_.accept(TokenType::Newline)) return;
    if (!context_.is(TokenType::Semicolon)) fail_at_end(first);
    context_.advance();
    if (context_.accept(TokenType::Newline)) return;
  }
}

StatementPtr StatementParser::statement() {
  if (!context_.is(TokenType::Name)) return keyword_statement();
  if (context_.is_name("type") && context_.peek().type == TokenType::Name) return type_alias();
  if (at_print_statement()) return print_statement();
  if (at_exec_statement()) return exec_statement();
  return expression_or_assignment();
}

StatementPtr StatementParser::keyword_statement() {
  switch (context_.current().type) {
    case TokenType::Return:
      return return_statement();
    case TokenType::Import:
    case TokenType::From:
      return ImportParser(context_).parse();
    case TokenType::Raise:
      return raise_statement();
    case TokenType::Pass:
      return bare_statement<ast::Pass>();
    case TokenType::Break:
      return bare_statement<ast::Break>();
    case TokenType::Continue:
      return bare_statement<ast::Continue>();
    case TokenType::Del:
      return delete_statement();
    case TokenType::Assert:
      return assert_statement();
    case TokenType::Global:
      return names_statement<ast::Global>();
    case TokenType::Nonlocal:
      return names_statement<ast::Nonlocal>();
    default:
      return expression_or_assignment();
  }
}

template <typename Form>
StatementPtr StatementParser::bare_statement() {
  return context_.make(context_.advance().span, ast::StatementForm(Form{}));
}

StatementPtr StatementParser::expression_or_assignment() {
  if (CompoundParser::begins_with_keyword(context_.current().type))
    context_.fail(context_.current().span,
                  fmt::format("`{}` begins a line of its own", spelling(context_.current().type)),
                  "write it on the next line");
  const std::uint32_t begin = context_.begin();
  const bool yields = context_.is(TokenType::Yield);
  ExpressionPtr first = expressions_.yield_or_star_expressions();
  if (!yields) {
    if (context_.is(TokenType::Equal)) return assignment(begin, std::move(first));
    if (context_.is(TokenType::Colon)) return annotated(begin, std::move(first));
    if (const auto op = augmented_operator(context_.current().type))
      return augmented(begin, std::move(first), *op);
    if (context_.is(TokenType::ColonEqual))
      context_.fail(context_.current().span, "`:=` stands only within an expression",
                    "write = here");
  }
  return context_.make(context_.since(begin), ast::StatementForm(ast::Expr{std::move(first)}));
}

StatementPtr StatementParser::assignment(std::uint32_t begin, ExpressionPtr first) {
  ast::Assign assign;
  ExpressionPtr value = std::move(first);
  bool yields = false;
  while (context_.is(TokenType::Equal)) {
    if (yields) context_.fail(value->outer, "cannot assign to what `yield` gives");
    TargetChecker(context_).check_assignment_target(*value);
    assign.targets.push_back(std::move(value));
    context_.advance();
    yields = context_.is(TokenType::Yield);
    value = expressions_.yield_or_star_expressions();
  }
  assign.value = std::move(value);
  return context_.make(context_.since(begin), ast::StatementForm(std::move(assign)));
}

StatementPtr StatementParser::annotated(std::uint32_t begin, ExpressionPtr target) {
  const bool named = target->as<ast::Name>() != nullptr;
  if (named && !expressions_.context().text(target->span).empty()) {
    const std::string_view keyword = meant_keyword(context_.text(target->span));
    if (keyword == "else" || keyword == "try" || keyword == "finally" || keyword == "except")
      context_.fail(target->span, fmt::format("`{}` is no keyword", context_.text(target->span)),
                    fmt::format("did you mean `{}`?", keyword));
  }
  TargetChecker(context_).check_single_target(*target, "an annotation");
  context_.advance();
  ast::AnnAssign assign;
  assign.target = std::move(target);
  assign.annotation = expressions_.expression();
  if (context_.accept(TokenType::Equal)) assign.value = expressions_.yield_or_star_expressions();
  return context_.make(context_.since(begin), ast::StatementForm(std::move(assign)));
}

StatementPtr StatementParser::augmented(std::uint32_t begin, ExpressionPtr target,
                                        ast::BinaryOperator op) {
  const std::string what = fmt::format("`{}`", spelling(context_.current().type));
  TargetChecker(context_).check_single_target(*target, what);
  const Span op_span = context_.advance().span;
  ExpressionPtr value = expressions_.yield_or_star_expressions();
  return context_.make(
      context_.since(begin),
      ast::StatementForm(ast::AugAssign{std::move(target), op, std::move(value), op_span}));
}

StatementPtr StatementParser::return_statement() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ExpressionPtr value;
  if (expressions_.at_expression() || context_.is(TokenType::Star))
    value = expressions_.star_expressions();
  return context_.make(context_.since(begin), ast::StatementForm(ast::Return{std::move(value)}));
}

StatementPtr StatementParser::raise_statement() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::Raise raise;
  if (expressions_.at_expression()) {
    raise.exc = expressions_.expression();
    if (context_.accept(TokenType::From)) raise.cause = expressions_.expression();
    if (context_.is(TokenType::Comma)) fail_python2_raise(*raise.exc);
  }
  return context_.make(context_.since(begin), ast::StatementForm(std::move(raise)));
}

void StatementParser::fail_python2_raise(const ast::Expression& type) const {
  const bool short_value = context_.peek(2).type == TokenType::Newline;
  const std::string_view value = short_value ? context_.text(context_.peek().span) : "…";
  context_.fail(context_.current().span, "Python 2's `raise` with a comma",
                fmt::format("write raise {}({})", context_.text(type.span), value));
}

StatementPtr StatementParser::delete_statement() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::Delete result;
  do {
    if (!result.targets.empty() && !expressions_.at_expression()) break;
    result.targets.push_back(expressions_.bitwise_or());
    TargetChecker(context_).check_deletion_target(*result.targets.back());
  } while (context_.accept(TokenType::Comma));
  return context_.make(context_.since(begin), ast::StatementForm(std::move(result)));
}

StatementPtr StatementParser::assert_statement() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::Assert result;
  result.test = expressions_.expression();
  if (context_.accept(TokenType::Comma)) result.msg = expressions_.expression();
  return context_.make(context_.since(begin), ast::StatementForm(std::move(result)));
}

template <typename Form>
StatementPtr StatementParser::names_statement() {
  const std::uint32_t begin = context_.begin();
  const std::string_view word = spelling(context_.advance().type);
  Form result;
  do {
    if (!context_.is(TokenType::Name))
      context_.fail_expected(fmt::format("a name behind `{}`", word));
    result.names.push_back(normalized_name(context_.text(context_.advance().span)));
  } while (context_.accept(TokenType::Comma));
  return context_.make(context_.since(begin), ast::StatementForm(std::move(result)));
}

StatementPtr StatementParser::type_alias() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::TypeAlias alias;
  alias.name = AtomParser(expressions_).name();
  alias.type_params = CompoundParser(expressions_).type_parameters();
  context_.expect(TokenType::Equal, "behind the name of the type");
  alias.value = expressions_.expression();
  return context_.make(context_.since(begin), ast::StatementForm(std::move(alias)));
}

/// True where `print` is followed by what Python 3 would not read as an expression, or by >>.
bool StatementParser::at_print_statement() const {
  if (!context_.is_name("print")) return false;
  switch (context_.peek().type) {
    case TokenType::Name:
    case TokenType::Number:
    case TokenType::String:
    case TokenType::FStringStart:
    case TokenType::LeftBrace:
    case TokenType::Tilde:
    case TokenType::Lambda:
    case TokenType::None:
    case TokenType::True:
    case TokenType::False:
    case TokenType::RightShift:
      return true;
    case TokenType::Not:
      return context_.peek(2).type != TokenType::In;
    default:
      return false;
  }
}

StatementPtr StatementParser::print_statement() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  context_.has_print_statement = true;
  ast::Print2 print;
  bool more = true;
  if (context_.accept(TokenType::RightShift)) {
    print.destination = expressions_.expression();
    more = context_.accept(TokenType::Comma);
  }
  while (more && expressions_.at_expression()) {
    print.values.push_back(expressions_.expression());
    more = context_.accept(TokenType::Comma);
    print.newline = !more;
  }
  return context_.make(context_.since(begin), ast::StatementForm(std::move(print)));
}

bool StatementParser::at_exec_statement() const {
  if (!context_.is_name("exec")) return false;
  const TokenType next = context_.peek().type;
  return next == TokenType::Name || next == TokenType::String || next == TokenType::FStringStart;
}

StatementPtr StatementParser::exec_statement() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::Exec2 exec;
  exec.body = expressions_.bitwise_or();
  if (context_.accept(TokenType::In)) {
    exec.globals = expressions_.expression();
    if (context_.accept(TokenType::Comma)) exec.locals = expressions_.expression();
  }
  return context_.make(context_.since(begin), ast::StatementForm(std::move(exec)));
}

void StatementParser::fail_at_end(std::size_t first_token) const {
  context_.fail_if_explained();
  const Token& first = context_.token(first_token);
  if (first.type == TokenType::Name) {
    const std::string_view name = context_.text(first.span);
    const std::string_view keyword = meant_keyword(name);
    if (name == "let" || name == "var" || name == "const")
      context_.fail(first.span, fmt::format("Python has no `{}`", name), "write name = value");
    // `retrun x`, but not `fro = x y`.
    const bool beside_name = context_.index() == first_token + 1 || context_.is(TokenType::Colon) ||
                             context_.token(first_token + 1).type == TokenType::In ||
                             context_.token(first_token + 1).type == TokenType::LeftParen;
    if (!keyword.empty() && beside_name)
      context_.fail(first.span, fmt::format("`{}` is no keyword", name),
                    fmt::format("did you mean `{}`?", keyword));
  }
  if (is_keyword(first.type) && context_.is(TokenType::Equal) &&
      context_.index() == first_token + 1)
    context_.fail(first.span, fmt::format("`{}` is a keyword, and no name", spelling(first.type)));
  context_.fail_expected("the end of the statement", help_for_rest_of_line(context_));
}

}  // namespace gradient_check::python
