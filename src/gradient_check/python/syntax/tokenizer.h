#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "gradient_check/python/source/span.h"
#include "gradient_check/python/syntax/syntax_error.h"
#include "gradient_check/python/syntax/token.h"

namespace gradient_check::python {

/// The tokens of a stretch of text; spans count from the beginning of all the text.
struct TokenStream {
  /// Ends with EndOfText, or with Error if there is an error.
  std::vector<Token> tokens;
  /// Of what is at the Error token. Not thrown, since the parser may find something wrong before
  /// it.
  std::optional<SyntaxError> error;
};

/// Splits the bytes of `section`. The first line of a notebook's cell may be indented: that is what
/// its other lines are measured by.
TokenStream tokenize(std::string_view code, Span section, bool is_cell);

}  // namespace gradient_check::python
