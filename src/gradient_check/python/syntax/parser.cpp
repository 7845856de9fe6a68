#include "gradient_check/python/syntax/parser.h"

#include <utility>

#include "gradient_check/python/source/text_decoder.h"
#include "gradient_check/python/syntax/compound_parser.h"
#include "gradient_check/python/syntax/expression_parser.h"
#include "gradient_check/python/syntax/parser_context.h"
#include "gradient_check/python/syntax/tokenizer.h"

namespace gradient_check::python {
namespace {

[[noreturn]] void throw_with_place(const SyntaxError& error, const SourceText& source) {
  throw SyntaxError(error.span(), error.message(), error.help(),
                    source.describe(error.span().begin));
}

void check_length(const SourceText& source) {
  if (source.code().size() > longest_source)
    throw SyntaxError({0, 1}, "this text is too long to be a program", "", source.label());
}

}  // namespace

ast::Module parse(std::shared_ptr<const SourceText> source) {
  check_length(*source);
  ast::Module module;
  try {
    for (const SourceText::Section& section : source->sections()) {
      const TokenStream stream = tokenize(source->code(), section.span, section.is_cell);
      ParserContext context(source->code(), stream, module.node_count);
      ExpressionParser expressions(context);
      CompoundParser(expressions).statements(module.body);
      module.node_count = context.next_id();
      module.has_print_statement |= context.has_print_statement;
    }
  } catch (const SyntaxError& error) {
    throw_with_place(error, *source);
  }
  module.source = std::move(source);
  return module;
}

ast::Module parse_expression(std::string label, std::string text) {
  auto source = std::make_shared<SourceText>(std::move(label), std::move(text));
  check_length(*source);
  ast::Module module;
  try {
    const TokenStream stream = tokenize(source->code(), source->sections().front().span, true);
    ParserContext context(source->code(), stream, 0);
    ExpressionParser expressions(context);
    ast::ExpressionPtr value = expressions.star_expressions();
    if (!context.accept(TokenType::Newline) || !context.is(TokenType::EndOfText))
      context.fail_expected("the end of the expression");
    const Span span = value->outer;
    module.body.push_back(context.make(span, ast::StatementForm(ast::Expr{std::move(value)})));
    module.node_count = context.next_id();
  } catch (const SyntaxError& error) {
    throw_with_place(error, *source);
  }
  module.source = std::move(source);
  return module;
}

}  // namespace gradient_check::python
