#include "gradient_check/python/syntax/number_literal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

#include "gradient_check/python/syntax/syntax_error.h"
#include "gradient_check/python/syntax/unicode_identifiers.h"

namespace gradient_check::python {
namespace {

/// CPython's own bound on decimal integers, which takes quadratic time to convert.
constexpr std::size_t most_decimal_digits = 4300;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

class NumberScanner {
 public:
  NumberScanner(std::string_view text, std::uint32_t begin)
      : text_(text), begin_(begin), at_(begin) {}

  std::uint32_t scan() {
    const char next = static_cast<char>(character(1) | 0x20);
    if (character(0) == '0' && (next == 'x' || next == 'o' || next == 'b')) {
      at_ += 2;
      prefixed(next == 'x' ? 16 : next == 'o' ? 8 : 2);
    } else {
      decimal();
    }
    check_what_follows();
    return at_;
  }

 private:
  char character(std::uint32_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  [[noreturn]] void fail(std::uint32_t end, const std::string& message,
                         const std::string& help = "") const {
    throw SyntaxError({begin_, std::max(end, begin_ + 1)}, message, help);
  }

  /// Digits with single underscores between them.
  void digits(int base) {
    while (true) {
      while (digit_value(character()) < base) ++at_;
      if (character() != '_') return;
      if (digit_value(character(1)) >= base)
        fail(at_ + 1, "an underscore in a number stands between two digits", "leave it out");
      ++at_;
    }
  }

  void prefixed(int base) {
    if (character() == '_') ++at_;
    const std::uint32_t first = at_;
    digits(base);
    const char* const name = base == 16 ? "hexadecimal" : base == 8 ? "octal" : "binary";
    if (is_digit(character()))
      fail(at_ + 1,
           fmt::format("the digit {} in {} {} number", character(), base == 8 ? "an" : "a", name));
    if (at_ == first)
      fail(at_, fmt::format("a{} {} number without digits", base == 8 ? "n" : "", name));
  }

  void decimal() {
    const bool zero = character() == '0';
    if (character() != '.') digits(10);
    const std::uint32_t integer_end = at_;
    bool integer = true;
    if (character() == '.') {
      integer = false;
      ++at_;
      if (is_digit(character()))
        digits(10);
      else if (character() == '_')
        fail(at_ + 1, "an underscore in a number stands between two digits", "leave it out");
    }
    if ((character() | 0x20) == 'e') {
      const bool sign = character(1) == '+' || character(1) == '-';
      if (is_digit(character(sign ? 2 : 1))) {
        integer = false;
        at_ += sign ? 2 : 1;
        digits(10);
      } else if (sign) {
        fail(at_ + 2, "a number whose exponent has no digits");
      }
    }
    if ((character() | 0x20) == 'j') {
      ++at_;
      integer = false;
    }
    if (integer && zero) check_leading_zero(integer_end);
    if (integer && integer_end - begin_ > most_decimal_digits)
      fail(integer_end, fmt::format("an integer of more than {} digits", most_decimal_digits));
  }

  /// 0777 was octal in Python 2 and is nothing in Python 3; 000 is zero.
  void check_leading_zero(std::uint32_t end) const {
    const std::string_view number = text_.substr(begin_, end - begin_);
    const std::size_t significant = number.find_first_not_of("0_");
    if (significant == std::string_view::npos) return;
    const std::string rest(number.substr(significant));
    const bool octal = rest.find_first_of("89") == std::string::npos;
    fail(end, "an integer does not begin with 0",
         octal ? fmt::format("write 0o{} for the octal number, {} for the decimal one", rest, rest)
               : fmt::format("write {}", rest));
  }

  /// A name may not stand directly behind; a keyword such as in `1if x else y` may.
  void check_what_follows() const {
    const std::string_view rest = text_.substr(at_);
    if (rest.empty()) return;
    const Utf8Character next = utf8_character(rest, 0);
    if (!continues_name(next.code)) return;
    for (const std::string_view keyword : {"and", "else", "for", "if", "in", "is", "or", "not"})
      if (rest.substr(0, keyword.size()) == keyword) return;
    std::uint32_t end = at_;
    while (end < text_.size()) {
      const Utf8Character more = utf8_character(text_, end);
      if (!continues_name(more.code)) break;
      end += more.length;
    }
    const std::string number(text_.substr(begin_, at_ - begin_));
    const std::string name(text_.substr(at_, end - at_));
    if (name == "L" || name == "l")
      fail(end, fmt::format("`{}{}` is Python 2's long integer", number, name),
           fmt::format("write {}", number));
    fail(end, fmt::format("`{}{}` is neither a number nor a name", number, name),
         fmt::format("write {} * {} for the product; a name does not begin with a digit", number,
                     name));
  }

  std::string_view text_;
  std::uint32_t begin_, at_;
};

/// Locale-independent; beyond the largest double is infinity, as in Python.
double double_value(const std::string& digits) {
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  const std::size_t exponent = digits.find_first_of("eE");
  const bool tiny = exponent == std::string::npos
                        ? digits.find_first_not_of('0') == digits.find('.')
                        : digits.find('-', exponent) != std::string::npos;
  return tiny ? 0.0 : std::numeric_limits<double>::infinity();
}

}  // namespace

std::uint32_t number_end(std::string_view text, std::uint32_t begin) {
  return NumberScanner(text, begin).scan();
}

ast::ConstantValue number_value(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '_');
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0') {
    const char letter = static_cast<char>(digits[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
  }
  if (base == 10 && (digits.back() | 0x20) == 'j') {
    digits.pop_back();
    return ast::Imaginary{double_value(digits)};
  }
  if (base == 10 && digits.find_first_of(".eE") != std::string::npos) return double_value(digits);
  std::int64_t value = 0;
  const char* const begin = digits.data() + (base == 10 ? 0 : 2);
  const auto [end, error] = std::from_chars(begin, digits.data() + digits.size(), value, base);
  if (error == std::errc()) return value;
  return ast::BigInteger{digits};
}

}  // namespace gradient_check::python
