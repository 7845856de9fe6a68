#include "gradient_check/python/syntax/character_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>

#include "gradient_check/python/syntax/syntax_error.h"

namespace gradient_check::python {
namespace {

constexpr std::uint32_t replacement_character = 0xfffd;

struct NamedCharacter {
  std::string_view name;
  std::uint32_t code;
};

// From U+0391 and U+03B1 on; FINAL SIGMA exists only as a small letter.
constexpr std::string_view greek_letters[] = {
    "ALPHA", "BETA",  "GAMMA",   "DELTA", "EPSILON", "ZETA",    "ETA",  "THETA", "IOTA",
    "KAPPA", "LAMDA", "MU",      "NU",    "XI",      "OMICRON", "PI",   "RHO",   "FINAL SIGMA",
    "SIGMA", "TAU",   "UPSILON", "PHI",   "CHI",     "PSI",     "OMEGA"};

constexpr std::string_view digit_names[] = {"ZERO", "ONE", "TWO",   "THREE", "FOUR",
                                            "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"};

constexpr NamedCharacter signs[] = {
    {"SPACE", 0x20},
    {"NO-BREAK SPACE", 0xa0},
    {"ZERO WIDTH SPACE", 0x200b},
    {"EXCLAMATION MARK", 0x21},
    {"QUOTATION MARK", 0x22},
    {"NUMBER SIGN", 0x23},
    {"DOLLAR SIGN", 0x24},
    {"PERCENT SIGN", 0x25},
    {"AMPERSAND", 0x26},
    {"APOSTROPHE", 0x27},
    {"LEFT PARENTHESIS", 0x28},
    {"RIGHT PARENTHESIS", 0x29},
    {"ASTERISK", 0x2a},
    {"PLUS SIGN", 0x2b},
    {"COMMA", 0x2c},
    {"HYPHEN-MINUS", 0x2d},
    {"SOLIDUS", 0x2f},
    {"COLON", 0x3a},
    {"SEMICOLON", 0x3b},
    {"LESS-THAN SIGN", 0x3c},
    {"EQUALS SIGN", 0x3d},
    {"GREATER-THAN SIGN", 0x3e},
    {"QUESTION MARK", 0x3f},
    {"COMMERCIAL AT", 0x40},
    {"LEFT SQUARE BRACKET", 0x5b},
    {"REVERSE SOLIDUS", 0x5c},
    {"RIGHT SQUARE BRACKET", 0x5d},
    {"CIRCUMFLEX ACCENT", 0x5e},
    {"LOW LINE", 0x5f},
    {"GRAVE ACCENT", 0x60},
    {"LEFT CURLY BRACKET", 0x7b},
    {"VERTICAL LINE", 0x7c},
    {"RIGHT CURLY BRACKET", 0x7d},
    {"TILDE", 0x7e},
    {"DEGREE SIGN", 0xb0},
    {"PLUS-MINUS SIGN", 0xb1},
    {"MICRO SIGN", 0xb5},
    {"MIDDLE DOT", 0xb7},
    {"MULTIPLICATION SIGN", 0xd7},
    {"BULLET", 0x2022},
    {"HORIZONTAL ELLIPSIS", 0x2026},
    {"EN DASH", 0x2013},
    {"EM DASH", 0x2014},
    {"LEFT SINGLE QUOTATION MARK", 0x2018},
    {"RIGHT SINGLE QUOTATION MARK", 0x2019},
    {"LEFT DOUBLE QUOTATION MARK", 0x201c},
    {"RIGHT DOUBLE QUOTATION MARK", 0x201d},
    {"EURO SIGN", 0x20ac},
    {"COPYRIGHT SIGN", 0xa9},
    {"LEFTWARDS ARROW", 0x2190},
    {"RIGHTWARDS ARROW", 0x2192},
    {"PARTIAL DIFFERENTIAL", 0x2202},
    {"NABLA", 0x2207},
    {"N-ARY SUMMATION", 0x2211},
    {"MINUS SIGN", 0x2212},
    {"SQUARE ROOT", 0x221a},
    {"INFINITY", 0x221e},
    {"INTEGRAL", 0x222b},
    {"ALMOST EQUAL TO", 0x2248},
    {"NOT EQUAL TO", 0x2260},
    {"LESS-THAN OR EQUAL TO", 0x2264},
    {"GREATER-THAN OR EQUAL TO", 0x2265},
    {"CHECK MARK", 0x2713},
    {"BALLOT X", 0x2717},
    {"SUPERSCRIPT TWO", 0xb2},
    {"SUPERSCRIPT THREE", 0xb3},
    {"FULL STOP", 0x2e},
    {"LATIN SMALL LETTER E WITH ACUTE", 0xe9},
    {"LATIN SMALL LETTER SHARP S", 0xdf},
};

/// The code of a letter of an alphabet named like "GREEK SMALL LETTER ALPHA", or 0.
std::uint32_t letter_named(std::string_view name) {
  const bool greek = name.rfind("GREEK ", 0) == 0;
  if (!greek && name.rfind("LATIN ", 0) != 0) return 0;
  std::string_view rest = name.substr(6);
  const bool small = rest.rfind("SMALL LETTER ", 0) == 0;
  if (!small && rest.rfind("CAPITAL LETTER ", 0) != 0) return 0;
  rest.remove_prefix(small ? 13 : 15);
  const bool one_letter = rest.size() == 1 && rest[0] >= 'A' && rest[0] <= 'Z';
  if (!greek) return one_letter ? static_cast<std::uint32_t>(rest[0]) + (small ? 32 : 0) : 0;
  const auto* const found = std::find(std::begin(greek_letters), std::end(greek_letters),
                                      rest == "LAMBDA" ? "LAMDA" : rest);
  if (found == std::end(greek_letters)) return 0;
  return (small ? 0x3b1u : 0x391u) + static_cast<std::uint32_t>(found - std::begin(greek_letters));
}

}  // namespace

std::uint32_t character_named(std::string_view name, Span span) {
  std::string upper;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (!std::isalnum(byte) && c != ' ' && c != '-')
      throw SyntaxError(span, fmt::format("there is no character of the name {}", name));
    upper += static_cast<char>(std::toupper(byte));
  }
  if (const std::uint32_t letter = letter_named(upper)) return letter;
  for (std::uint32_t i = 0; i < std::size(digit_names); ++i)
    if (upper == "DIGIT " + std::string(digit_names[i])) return '0' + i;
  for (const NamedCharacter& sign : signs)
    if (sign.name == upper) return sign.code;
  return replacement_character;
}

}  // namespace gradient_check::python
