#pragma once

#include <string>
#include <string_view>

#include "gradient_check/python/syntax/token.h"

namespace gradient_check::python {

class ParserContext;

/// How an error calls a token: "`x`", "the number 3", "the end of the line".
std::string description(const ParserContext& context, const Token& token);

/// Throws the error for a bracket that nothing closes.
[[noreturn]] void fail_never_closed(const Token& bracket);

/// The keyword that a name at the beginning of a statement was probably meant for ("retrun",
/// "elseif", "function"), or "".
std::string_view meant_keyword(std::string_view name);

/// Help for a statement that does not end where it should: before the current token.
std::string help_for_rest_of_line(const ParserContext& context);

}  // namespace gradient_check::python
