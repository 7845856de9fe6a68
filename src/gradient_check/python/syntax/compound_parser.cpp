#include "gradient_check/python/syntax/compound_parser.h"

#include <fmt/format.h>

#include <utility>

#include "gradient_check/python/syntax/match_parser.h"
#include "gradient_check/python/syntax/parameter_parser.h"
#include "gradient_check/python/syntax/statement_parser.h"
#include "gradient_check/python/syntax/syntax_advice.h"
#include "gradient_check/python/syntax/target_checker.h"
#include "gradient_check/python/syntax/trailer_parser.h"
#include "gradient_check/python/syntax/unicode_identifiers.h"
#include "gradient_check/python/syntax/with_items_parser.h"

namespace gradient_check::python {

using ast::ExpressionPtr;
using ast::StatementPtr;

bool CompoundParser::begins_with_keyword(TokenType type) {
  switch (type) {
    case TokenType::If:
    case TokenType::While:
    case TokenType::For:
    case TokenType::With:
    case TokenType::Try:
    case TokenType::Def:
    case TokenType::Class:
    case TokenType::Async:
    case TokenType::At:
      return true;
    default:
      return false;
  }
}

void CompoundParser::statements(std::vector<StatementPtr>& result) {
  while (!context_.is(TokenType::EndOfText)) statement(result);
}

void CompoundParser::statement(std::vector<StatementPtr>& result) {
  switch (context_.current().type) {
    case TokenType::Indent:
      context_.fail({context_.peek().span.begin, context_.peek().span.end},
                    "this line is indented, but the line before begins no block",
                    "indent it like the line before");
    case TokenType::Elif:
    case TokenType::Else:
    case TokenType::Except:
    case TokenType::Finally:
      fail_misplaced();
    default:
      break;
  }
  if (begins_with_keyword(context_.current().type)) {
    result.push_back(compound());
  } else if (MatchParser(expressions_).at_match()) {
    result.push_back(MatchParser(expressions_).parse());
  } else {
    StatementParser(expressions_).line(result);
  }
}

void CompoundParser::fail_misplaced() const {
  const Token& word = context_.current();
  const TokenType type = word.type;
  const char* const owners = type == TokenType::Elif   ? "`if`"
                             : type == TokenType::Else ? "`if`, `for`, `while` or `try`"
                                                       : "`try`";
  context_.fail(word.span, fmt::format("this `{}` belongs to no {} above", spelling(type), owners),
                "indent it like the statement that it belongs to");
}

StatementPtr CompoundParser::compound() {
  const std::uint32_t begin = context_.begin();
  switch (context_.current().type) {
    case TokenType::If:
      return if_statement();
    case TokenType::While:
      return while_statement();
    case TokenType::For:
      return for_statement(begin, false);
    case TokenType::With:
      return with_statement(begin, false);
    case TokenType::Try:
      return try_statement();
    case TokenType::Def:
      return function({}, begin, false);
    case TokenType::Class:
      return class_definition({});
    case TokenType::Async:
      return async_statement({});
    default:
      return decorated();
  }
}

std::vector<StatementPtr> CompoundParser::block(const Token& header) {
  if (!context_.is(TokenType::Colon)) fail_no_colon(header);
  context_.advance();
  std::vector<StatementPtr> result;
  if (!context_.is(TokenType::Newline)) {
    StatementParser(expressions_).line(result);
    return result;
  }
  context_.advance();
  if (!context_.is(TokenType::Indent)) {
    context_.fail_if_explained();
    const std::string word(context_.text(header.span));
    context_.fail(header.span,
                  fmt::format("this `{}` has no block: the next line is not indented", word),
                  "indent what belongs to it, or write pass");
  }
  context_.advance();
  while (!context_.accept(TokenType::Dedent)) {
    if (context_.is(TokenType::Error)) context_.fail_if_explained();
    statement(result);
  }
  return result;
}

void CompoundParser::fail_no_colon(const Token& header) const {
  const std::string_view word = context_.text(header.span);
  std::string help;
  if (context_.is(TokenType::Equal)) {
    help = "= assigns: write == to compare, := to assign within an expression";
  } else if (header.type == TokenType::Else && context_.is(TokenType::If)) {
    help = "write elif";
  } else {
    help = help_for_rest_of_line(context_);
  }
  context_.fail_expected(fmt::format("':' at the end of the `{}` line", word), help);
}

StatementPtr CompoundParser::if_statement() {
  const ParserContext::Level level(context_);
  const Token header = context_.advance();
  ast::If result;
  result.test = expressions_.named_expression();
  result.body = block(header);
  if (context_.is(TokenType::Elif)) {
    result.orelse.push_back(if_statement());
  } else {
    result.orelse = else_block();
  }
  return context_.make(context_.since(header.span.begin), ast::StatementForm(std::move(result)));
}

std::vector<StatementPtr> CompoundParser::else_block() {
  if (!context_.is(TokenType::Else)) return {};
  const Token header = context_.advance();
  return block(header);
}

StatementPtr CompoundParser::while_statement() {
  const Token header = context_.advance();
  ast::While result;
  result.test = expressions_.named_expression();
  result.body = block(header);
  result.orelse = else_block();
  return context_.make(context_.since(header.span.begin), ast::StatementForm(std::move(result)));
}

StatementPtr CompoundParser::for_statement(std::uint32_t begin, bool is_async) {
  const Token header = context_.advance();
  ast::For result;
  result.is_async = is_async;
  result.target = expressions_.target_list();
  if (!context_.is(TokenType::In))
    context_.fail_expected("`in` behind the variables of `for`",
                           context_.is(TokenType::Equal) ? "write for i in range(…)" : "");
  TargetChecker(context_).check_loop_target(*result.target);
  context_.advance();
  result.iter = expressions_.star_expressions();
  result.body = block(header);
  result.orelse = else_block();
  return context_.make(context_.since(begin), ast::StatementForm(std::move(result)));
}

StatementPtr CompoundParser::with_statement(std::uint32_t begin, bool is_async) {
  const Token header = context_.advance();
  ast::With result;
  result.is_async = is_async;
  result.items = WithItemsParser(expressions_).parse();
  result.body = block(header);
  return context_.make(context_.since(begin), ast::StatementForm(std::move(result)));
}

StatementPtr CompoundParser::try_statement() {
  const Token header = context_.advance();
  ast::Try result;
  result.body = block(header);
  while (context_.is(TokenType::Except)) result.handlers.push_back(handler(result));
  if (!result.handlers.empty()) result.orelse = else_block();
  if (context_.is(TokenType::Finally)) {
    const Token finally = context_.advance();
    result.finalbody = block(finally);
  }
  check_handlers(result, header);
  return context_.make(context_.since(header.span.begin), ast::StatementForm(std::move(result)));
}

void CompoundParser::check_handlers(const ast::Try& statement, const Token& header) const {
  if (!statement.handlers.empty() || !statement.finalbody.empty()) return;
  context_.fail_if_explained();
  context_.fail(header.span, "this `try` has neither `except` nor `finally`",
                "write except Exception: below its block");
}

ast::ExceptHandler CompoundParser::handler(ast::Try& statement) {
  const Token header = context_.advance();
  const bool star = context_.accept(TokenType::Star);
  if (!statement.handlers.empty() && star != statement.is_star)
    context_.fail(header.span, "`except` and `except*` belong to one `try`",
                  "write one of the two");
  statement.is_star = star;
  ast::ExceptHandler result;
  if (star && context_.is(TokenType::Colon))
    context_.fail_expected("the type of an exception behind `except*`");
  if (!context_.is(TokenType::Colon)) {
    if (!expressions_.at_expression()) fail_no_colon(header);
    result.type = expressions_.expression();
    if (context_.is(TokenType::Comma)) {
      const std::string type(context_.text(result.type->span));
      const bool two = context_.peek().type == TokenType::Name;
      const std::string name(two ? context_.text(context_.peek().span) : "e");
      context_.fail(
          context_.current().span, "Python 2's `except` with a comma",
          fmt::format("write except {0} as {1}, or except ({0}, {1}) for two types", type, name));
    }
    if (context_.accept(TokenType::As)) {
      if (!context_.is(TokenType::Name)) context_.fail_expected("a name behind `as`");
      result.name = normalized_name(context_.text(context_.advance().span));
    }
  }
  result.body = block(header);
  static_cast<ast::Node&>(result) = context_.node(context_.since(header.span.begin));
  return result;
}

StatementPtr CompoundParser::decorated() {
  std::vector<ExpressionPtr> decorators;
  while (context_.accept(TokenType::At)) {
    decorators.push_back(expressions_.named_expression());
    if (!context_.is(TokenType::Newline))
      context_.fail_expected("the end of the line behind a decorator");
    context_.advance();
  }
  switch (context_.current().type) {
    case TokenType::Def:
      return function(std::move(decorators), context_.begin(), false);
    case TokenType::Class:
      return class_definition(std::move(decorators));
    case TokenType::Async:
      return async_statement(std::move(decorators));
    default:
      context_.fail_expected("`def` or `class` below a decorator");
  }
}

StatementPtr CompoundParser::async_statement(std::vector<ExpressionPtr> decorators) {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  const bool only_function = !decorators.empty();
  if (context_.is(TokenType::Def)) return function(std::move(decorators), begin, true);
  if (!only_function && context_.is(TokenType::For)) return for_statement(begin, true);
  if (!only_function && context_.is(TokenType::With)) return with_statement(begin, true);
  context_.fail_expected(only_function ? "`def` behind `async`"
                                       : "`def`, `for` or `with` behind `async`");
}

StatementPtr CompoundParser::function(std::vector<ExpressionPtr> decorators, std::uint32_t begin,
                                      bool is_async) {
  const Token header = context_.advance();
  ast::FunctionDef result;
  result.is_async = is_async;
  result.decorator_list = std::move(decorators);
  if (!context_.is(TokenType::Name))
    context_.fail_expected("the name of the function behind `def`",
                           is_keyword(context_.current().type) ? "a keyword cannot be a name" : "");
  result.name_span = context_.advance().span;
  result.name = normalized_name(context_.text(result.name_span));
  result.type_params = type_parameters();
  context_.expect(TokenType::LeftParen, "behind the name of the function",
                  "write () for no parameters");
  result.parameters = ParameterParser(expressions_, TokenType::RightParen).parse();
  context_.advance();
  if (context_.accept(TokenType::Arrow)) result.returns = expressions_.expression();
  result.body = block(header);
  return context_.make(context_.since(begin), ast::StatementForm(std::move(result)));
}

StatementPtr CompoundParser::class_definition(std::vector<ExpressionPtr> decorators) {
  const Token header = context_.advance();
  ast::ClassDef result;
  result.decorator_list = std::move(decorators);
  if (!context_.is(TokenType::Name)) {
    const bool as_name = is_keyword(context_.current().type) || context_.is(TokenType::Equal);
    context_.fail_expected("the name of the class behind `class`",
                           as_name ? "a keyword cannot be a name" : "");
  }
  result.name_span = context_.advance().span;
  result.name = normalized_name(context_.text(result.name_span));
  result.type_params = type_parameters();
  if (context_.is(TokenType::LeftParen)) {
    ast::Call bases = TrailerParser(expressions_).arguments();
    for (const ExpressionPtr& base : bases.args)
      if (base->as<ast::GeneratorExp>() && base->span.begin == bases.parentheses.begin)
        context_.fail(base->span, "a generator expression as a class's base");
    result.bases = std::move(bases.args);
    result.keywords = std::move(bases.keywords);
  }
  result.body = block(header);
  return context_.make(context_.since(header.span.begin), ast::StatementForm(std::move(result)));
}

std::vector<ast::TypeParameter> CompoundParser::type_parameters() {
  std::vector<ast::TypeParameter> result;
  if (!context_.accept(TokenType::LeftBracket)) return result;
  do {
    if (context_.is(TokenType::RightBracket) && !result.empty()) break;
    result.push_back(type_parameter());
  } while (context_.accept(TokenType::Comma));
  context_.expect(TokenType::RightBracket, "behind the type parameters");
  return result;
}

ast::TypeParameter CompoundParser::type_parameter() {
  const std::uint32_t begin = context_.begin();
  ast::TypeParameter result;
  if (context_.accept(TokenType::Star)) {
    result.kind = ast::TypeParameterKind::TypeVarTuple;
  } else if (context_.accept(TokenType::DoubleStar)) {
    result.kind = ast::TypeParameterKind::ParamSpec;
  }
  if (!context_.is(TokenType::Name)) context_.fail_expected("the name of a type parameter");
  result.name = normalized_name(context_.text(context_.advance().span));
  const bool may_have_bound = result.kind == ast::TypeParameterKind::TypeVar;
  if (may_have_bound && context_.accept(TokenType::Colon)) result.bound = expressions_.expression();
  static_cast<ast::Node&>(result) = context_.node(context_.since(begin));
  return result;
}

}  // namespace gradient_check::python
