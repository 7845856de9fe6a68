#pragma once

#include <cstdint>
#include <string_view>

#include "gradient_check/python/source/span.h"

namespace gradient_check::python {

/// The character that `\N{name}` stands for. Greek and Latin letters, digits and the commoner signs
/// are known; U+FFFD stands for others, which a gradient does not depend on. Throws SyntaxError at
/// `span` for what cannot be the name of a character.
std::uint32_t character_named(std::string_view name, Span span);

}  // namespace gradient_check::python
