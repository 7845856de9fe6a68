#pragma once

#include <string>

#include "gradient_check/python/syntax/parser_context.h"

namespace gradient_check::python {

/// import a.b as c; from .a import b as c, d
class ImportParser {
 public:
  explicit ImportParser(ParserContext& context) : context_(context) {}

  /// The current token is `import` or `from`.
  ast::StatementPtr parse();

 private:
  ast::StatementPtr import();
  ast::StatementPtr import_from();
  void names(ast::ImportFrom& import);
  ast::Alias alias(bool dotted);
  std::string dotted_name(std::string_view what);
  std::string name(std::string_view what);

  ParserContext& context_;
};

}  // namespace gradient_check::python
