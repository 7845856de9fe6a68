#include "gradient_check/python/syntax/invalid_character.h"

#include <fmt/format.h>

#include <string>

#include "gradient_check/python/syntax/syntax_error.h"
#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {
namespace {

struct Lookalike {
  std::uint32_t code;
  const char* name;
  const char* help;
};

constexpr Lookalike lookalikes[] = {
    {0x2018, "a typographic quote", "write '"},
    {0x2019, "a typographic quote", "write '"},
    {0x201a, "a typographic quote", "write '"},
    {0x201c, "a typographic quote", "write \""},
    {0x201d, "a typographic quote", "write \""},
    {0x201e, "a typographic quote", "write \""},
    {0xab, "a typographic quote", "write \""},
    {0xbb, "a typographic quote", "write \""},
    {0x2212, "the minus sign of typography", "write -"},
    {0x2013, "a dash", "write -"},
    {0x2014, "a dash", "write -"},
    {0xd7, "the multiplication sign", "write *"},
    {0xb7, "the dot of a product", "write *, or @ for matrices"},
    {0x22c5, "the dot of a product", "write *, or @ for matrices"},
    {0xf7, "the division sign", "write /"},
    {0x2264, "a comparison sign", "write <="},
    {0x2265, "a comparison sign", "write >="},
    {0x2260, "a comparison sign", "write !="},
    {0x2192, "an arrow", "write ->"},
    {0x2026, "an ellipsis of one character", "write ..."},
    {0xa0, "a no-break space", "write a plain space"},
    {0x202f, "a no-break space", "write a plain space"},
    {0x3000, "a wide space", "write a plain space"},
    {0x200b, "an invisible space", "delete it"},
    {0x200c, "an invisible character", "delete it"},
    {0x200d, "an invisible character", "delete it"},
    {0x2060, "an invisible character", "delete it"},
    {0xfeff, "a byte order mark inside of the text", "delete it"},
    {0xff08, "a wide parenthesis", "write ("},
    {0xff09, "a wide parenthesis", "write )"},
    {0xff0c, "a wide comma", "write ,"},
    {0xff1a, "a wide colon", "write :"},
    {0xff1d, "a wide equals sign", "write ="},
    {0xff1b, "a wide semicolon", "write ;"},
    {0x2202, "the sign of a derivative", "write a name of letters"},
    {0x2207, "the sign of a gradient", "write a name of letters"},
    {0x221a, "a root sign", "write math.sqrt(…)"},
    {0xb2, "a superscript", "write ** 2"},
    {0xb3, "a superscript", "write ** 3"},
};

const char* help_for_ascii(char c) {
  switch (c) {
    case '?':
      return "a choice is written b if a else c; IPython's name? is help(name)";
    case '!':
      return "write `not` for the opposite, != for a comparison";
    case '$':
      return "a name has letters, digits and underscores";
    default:
      return "";
  }
}

}  // namespace

void fail_invalid_character(std::string_view text, std::uint32_t at) {
  const Utf8Character character = utf8_character(text, at);
  const Span span{at, at + character.length};
  if (character.code < 0x20 || character.code == 0x7f)
    throw SyntaxError(span, fmt::format("a control character (U+{:04X})", character.code),
                      "delete it");
  const std::string shown(text.substr(at, character.length));
  if (character.code == '`') throw SyntaxError(span, "Python 2's backticks", "write repr(…)");
  if (character.code < 0x80)
    throw SyntaxError(span, fmt::format("`{}` is no operator of Python", shown),
                      help_for_ascii(text[at]));
  for (const Lookalike& known : lookalikes)
    if (known.code == character.code)
      throw SyntaxError(span,
                        fmt::format("`{}` (U+{:04X}) is {}, which Python does not read", shown,
                                    character.code, known.name),
                        known.help);
  throw SyntaxError(span, fmt::format("`{}` (U+{:04X}) can stand only in a string or comment",
                                      shown, character.code));
}

}  // namespace gradient_check::python
