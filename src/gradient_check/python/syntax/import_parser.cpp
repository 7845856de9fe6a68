#include "gradient_check/python/syntax/import_parser.h"

#include <fmt/format.h>

#include <utility>

#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {

ast::StatementPtr ImportParser::parse() {
  return context_.is(TokenType::Import) ? import() : import_from();
}

ast::StatementPtr ImportParser::import() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::Import import;
  do import.names.push_back(alias(true));
  while (context_.accept(TokenType::Comma));
  if (context_.is(TokenType::From))
    context_.fail(context_.current().span, "`from` stands behind `import`",
                  fmt::format("write from {} import {}", context_.text(context_.peek().span),
                              context_.text(import.names.front().span)));
  return context_.make(context_.since(begin), ast::StatementForm(std::move(import)));
}

ast::StatementPtr ImportParser::import_from() {
  const std::uint32_t begin = context_.begin();
  context_.advance();
  ast::ImportFrom import;
  while (context_.is(TokenType::Dot) || context_.is(TokenType::Ellipsis))
    import.level += context_.advance().type == TokenType::Dot ? 1 : 3;
  if (import.level == 0 || !context_.is(TokenType::Import))
    import.module = dotted_name("the name of a module behind `from`");
  if (!context_.is(TokenType::Import)) context_.fail_expected("`import` behind the module's name");
  context_.advance();
  names(import);
  return context_.make(context_.since(begin), ast::StatementForm(std::move(import)));
}

void ImportParser::names(ast::ImportFrom& import) {
  if (context_.is(TokenType::Star)) {
    ast::Alias all;
    all.name = "*";
    static_cast<ast::Node&>(all) = context_.node(context_.advance().span);
    import.names.push_back(std::move(all));
    return;
  }
  const bool parenthesized = context_.accept(TokenType::LeftParen);
  do {
    if (parenthesized && context_.is(TokenType::RightParen) && !import.names.empty()) break;
    import.names.push_back(alias(false));
  } while (context_.accept(TokenType::Comma));
  if (parenthesized) context_.expect(TokenType::RightParen, "behind the imported names");
}

ast::Alias ImportParser::alias(bool dotted) {
  const std::uint32_t begin = context_.begin();
  ast::Alias alias;
  const std::string_view what = "a name behind `import`";
  alias.name = dotted ? dotted_name(what) : name(what);
  if (context_.accept(TokenType::As)) alias.asname = name("a name behind `as`");
  static_cast<ast::Node&>(alias) = context_.node(context_.since(begin));
  return alias;
}

std::string ImportParser::dotted_name(std::string_view what) {
  std::string result = name(what);
  while (context_.accept(TokenType::Dot)) result += "." + name("a name behind '.'");
  return result;
}

std::string ImportParser::name(std::string_view what) {
  if (!context_.is(TokenType::Name)) context_.fail_expected(what);
  return normalized_name(context_.text(context_.advance().span));
}

}  // namespace gradient_check::python
