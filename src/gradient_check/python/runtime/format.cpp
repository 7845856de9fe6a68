#include "gradient_check/python/runtime/format.h"

#include <algorithm>
#include <cmath>

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

/// [[fill]align][sign][#][0][width][,][.precision][type], Python's mini-language.
struct FormatSpec {
  std::string fill = " ";
  char align = 0, sign = '-', grouping = 0, type = 0;
  bool alternate = false;
  int width = 0, precision = -1;
};

constexpr int widest = 10'000;

FormatSpec parsed(const std::string& text) {
  FormatSpec spec;
  std::size_t at = 0;
  const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
  std::size_t first = text.empty() ? 0 : 1;
  while (first < text.size() && (static_cast<unsigned char>(text[first]) & 0xc0) == 0x80) ++first;
  if (first < text.size() && is_align(text[first])) {
    spec.fill = text.substr(0, first);
    spec.align = text[first];
    at = first + 1;
  } else if (!text.empty() && is_align(text[0])) {
    spec.align = text[at++];
  }
  const auto next_is = [&](char c) { return at < text.size() && text[at] == c && ++at; };
  const auto number = [&] {
    int value = 0;
    for (; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])); ++at) {
      value = value * 10 + (text[at] - '0');
      if (value > widest) value_error("Too many decimal digits in format string");
    }
    return value;
  };
  if (at < text.size() && std::string_view("+- ").find(text[at]) != std::string_view::npos)
    spec.sign = text[at++];
  spec.alternate = next_is('#');
  if (next_is('0') && !spec.align) {
    spec.fill = "0";
    spec.align = '=';
  }
  spec.width = number();
  if (next_is(',')) spec.grouping = ',';
  if (next_is('_')) spec.grouping = '_';
  if (next_is('.')) spec.precision = number();
  if (at < text.size()) spec.type = text[at++];
  if (at < text.size()) value_error("Invalid format specifier");
  return spec;
}

/// Fills up to the width; `prefix` characters (a sign) stay in front of '=' padding.
std::string padded(const std::string& text, const FormatSpec& spec, char align,
                   std::size_t prefix = 0) {
  const auto size = static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
  const int missing = std::max(0, spec.width - size);
  if (spec.align) align = spec.align;
  const int left = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
  std::string before, after;
  for (int i = 0; i < missing; ++i) (i < left ? before : after) += spec.fill;
  if (align == '=') return text.substr(0, prefix) + before + text.substr(prefix);
  return before + text + after;
}

std::string grouped(std::string digits, char separator, std::size_t size) {
  if (!separator) return digits;
  const std::size_t end = std::min(digits.find_first_of(".e"), digits.size());
  for (std::size_t at = end; at > size; at -= size) digits.insert(at - size, 1, separator);
  return digits;
}

std::string with_sign(bool negative, const std::string& digits, const FormatSpec& spec) {
  const std::string sign = negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  return padded(sign + digits, spec, '>', sign.size());
}

std::string format_real(double number, const FormatSpec& spec) {
  std::string digits;
  const double size = std::fabs(number);
  const bool is_upper = spec.type && std::isupper(static_cast<unsigned char>(spec.type));
  if (!std::isfinite(number)) {
    digits = std::isnan(number) ? "nan" : "inf";
    if (is_upper) std::transform(digits.begin(), digits.end(), digits.begin(), ::toupper);
    return with_sign(std::signbit(number) && !std::isnan(number),
                     digits + (spec.type == '%' ? "%" : ""), spec);
  }
  const int precision = spec.precision < 0 ? 6 : spec.precision;
  switch (spec.type) {
    case 0: {
      if (spec.precision < 0) {
        digits = float_repr(size);
      } else {
        digits = fmt::format("{:.{}g}", size, std::max(1, precision));
        if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
      }
      break;
    }
    case 'e':
    case 'E':
      digits = fmt::format("{:.{}e}", size, precision);
      break;
    case 'f':
    case 'F':
      digits = fmt::format("{:.{}f}", size, precision);
      break;
    case 'g':
    case 'G':
    case 'n':
      digits = fmt::format("{:.{}g}", size, std::max(1, precision));
      break;
    case '%':
      digits = fmt::format("{:.{}f}%", size * 100, precision);
      break;
    default:
      value_error("Unknown format code '{}' for object of type 'float'", spec.type);
  }
  if (is_upper) std::transform(digits.begin(), digits.end(), digits.begin(), ::toupper);
  return with_sign(std::signbit(number), grouped(digits, spec.grouping, 3), spec);
}

/// The character with that code, in UTF-8.
std::string character_text(std::int64_t code) {
  if (code < 0 || code > 0x10ffff)
    raise_text(ErrorKind::OverflowError, "%c arg not in range(0x110000)");
  const auto byte = [](std::int64_t value) { return static_cast<char>(value); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f))};
  if (code < 0x10000)
    return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
  return {byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 0x3f)),
          byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
}

std::string format_integer(std::int64_t number, const FormatSpec& spec) {
  const std::uint64_t size =
      number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  const auto prefixed = [&](const char* prefix, std::string digits) {
    return with_sign(number < 0, (spec.alternate ? prefix : "") + grouped(digits, spec.grouping, 4),
                     spec);
  };
  switch (spec.type) {
    case 0:
    case 'd':
    case 'n':
      if (spec.precision >= 0) value_error("Precision not allowed in integer format specifier");
      return with_sign(number < 0, grouped(fmt::format("{}", size), spec.grouping, 3), spec);
    case 'b':
      return prefixed("0b", fmt::format("{:b}", size));
    case 'o':
      return prefixed("0o", fmt::format("{:o}", size));
    case 'x':
      return prefixed("0x", fmt::format("{:x}", size));
    case 'X':
      return prefixed("0X", fmt::format("{:X}", size));
    case 'c':
      return padded(character_text(number), spec, '<');
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case '%':
      return format_real(static_cast<double>(number), spec);
    default:
      value_error("Unknown format code '{}' for object of type 'int'", spec.type);
  }
}

std::string format_text(const std::string& text, const FormatSpec& spec) {
  if (spec.type && spec.type != 's')
    value_error("Unknown format code '{}' for object of type 'str'", spec.type);
  if (spec.precision < 0) return padded(text, spec, '<');
  const Text whole(text);
  return padded(
      text.substr(0, byte_offset(whole, std::min<std::int64_t>(length(whole), spec.precision))),
      spec, '<');
}

/// One %-conversion of "%5.2f" % x.
std::string percent_conversion(Interpreter& interpreter, std::string flags, char type,
                               const Value& value) {
  if (type == 's' || type == 'r') {
    const bool to_left = flags.starts_with('-');
    if (to_left) flags.erase(0, 1);
    const std::string text = type == 's' ? str(interpreter, value) : repr(interpreter, value);
    return format_text(text, parsed((to_left ? "<" : ">") + flags));
  }
  if (type == 'c') {
    const Text* text = value.get_if<Text>();
    if (!value.is_integral() && (!text || length(*text) != 1))
      type_error("%c requires int or char");
    const bool to_left = flags.starts_with('-');
    return format_text(text ? text->text : character_text(value.as_integer()),
                       parsed((to_left ? "<" : ">") + flags.substr(to_left)));
  }
  if (value.is(Kind::opaque) && value.as<Opaque>().is_unknown()) return str(interpreter, value);
  if (flags.starts_with('-')) flags[0] = '<';
  const Value number = value.is(Kind::tensor) ? tensor_item(value) : plain_number(value);
  if (!number.is_number())
    type_error("%{} format: a real number is required, not {}", type, type_name(value));
  if (type == 'd' || type == 'i' || type == 'u')
    return format_integer(
        number.is(Kind::real) ? static_cast<std::int64_t>(number.as_real()) : number.as_integer(),
        parsed(flags));
  if (number.is_integral() && (type == 'x' || type == 'X' || type == 'o'))
    return format_integer(number.as_integer(), parsed(flags + type));
  return format_real(number.as_real(), parsed(flags + type));
}

/// The number that an array of one element is formatted as; unset for any other.
Value formatted_number(const Opaque& opaque) {
  try {
    return opaque.number();
  } catch (const Raised&) {
    return {};
  }
}

}  // namespace

std::string format_value(Interpreter& interpreter, const Value& value, const std::string& spec) {
  if (value.is(Kind::instance)) {
    const Value made = call_special(interpreter, value, "__format__", {Value::string(spec)});
    if (made.is(Kind::string)) return text_of(made);
  }
  if (value.is(Kind::tensor) && tensor_is_scalar(value))
    return format_value(interpreter, tensor_item(value), spec);
  if (spec.empty()) return str(interpreter, value);
  if (value.is(Kind::opaque) && value.as<Opaque>().is_unknown()) return str(interpreter, value);
  if (value.is(Kind::opaque))
    if (const Value number = formatted_number(value.as<Opaque>()); number.is_set())
      return format_value(interpreter, number, spec);
  if (value.is(Kind::real)) return format_real(value.as_real(), parsed(spec));
  if (value.is_integral()) return format_integer(value.as_integer(), parsed(spec));
  if (value.is(Kind::string)) return format_text(text_of(value), parsed(spec));
  type_error("unsupported format string passed to {}.__format__", type_name(value));
}

std::string percent_format(Interpreter& interpreter, const std::string& format,
                           const Value& values) {
  const Tuple* tuple = values.get_if<Tuple>();
  std::size_t used = 0;
  const auto next_value = [&]() -> Value {
    if (!tuple)
      return used++ == 0 ? values : (type_error("not enough arguments for format string"), Value());
    if (used >= tuple->elements.size()) type_error("not enough arguments for format string");
    return tuple->elements[used++];
  };
  std::string result;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%') {
      result += format[at];
      continue;
    }
    if (++at < format.size() && format[at] == '%') {
      result += '%';
      continue;
    }
    Value named;
    if (at < format.size() && format[at] == '(') {
      const std::size_t close = format.find(')', at);
      Dict* dict = values.get_if<Dict>();
      if (close == std::string::npos || !dict) type_error("format requires a mapping");
      const std::string name = format.substr(at + 1, close - at - 1);
      const Value* found = dict->find(Text(name));
      if (!found) raise(ErrorKind::KeyError, "{}", name);
      named = *found;
      at = close + 1;
    }
    std::string flags;
    while (at < format.size() &&
           std::string_view("-+ #0123456789.").find(format[at]) != std::string_view::npos)
      flags += format[at++];
    if (at >= format.size()) value_error("incomplete format");
    result +=
        percent_conversion(interpreter, flags, format[at], named.is_set() ? named : next_value());
    if (result.size() > interpreter.limits.text) throw LimitReached("a string becomes too long");
  }
  if (tuple && used < tuple->elements.size())
    type_error("not all arguments converted during string formatting");
  return result;
}

}  // namespace gradient_check::python
