#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gradient_check/python/source/span.h"

namespace gradient_check::python {

/// An f-string that the tokenizer is in: it has literal characters and, in its fields, tokens.
struct OpenFString {
  /// A {…} in it, from the `{` on.
  struct Field {
    std::uint32_t brace;     ///< index of its token
    std::size_t brackets;    ///< that are open inside of it, itself included
    bool in_format = false;  ///< behind the colon: characters stand for themselves
  };
  Span start;
  char quote;
  bool triple, raw;
  std::vector<Field> fields;

  bool in_literal() const { return fields.empty() || fields.back().in_format; }
};

}  // namespace gradient_check::python
