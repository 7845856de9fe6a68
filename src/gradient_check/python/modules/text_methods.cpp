#include <algorithm>

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/subscript.h"

namespace gradient_check::python {
namespace {

constexpr const char* white = " \t\n\r\f\v";

std::string stripped(std::string text, const std::string& characters, bool left, bool right) {
  if (left) text.erase(0, std::min(text.find_first_not_of(characters), text.size()));
  if (right) text.erase(text.find_last_not_of(characters) + 1);
  return text;
}
template <bool left, bool right>
Value text_strip(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("strip", "self, chars=, /", arguments);
  return Value::string(
      stripped(parameters.text(0), parameters.has(1) ? parameters.text(1) : white, left, right));
}

template <int (*convert)(int)>
Value text_case(Interpreter&, const Arguments& arguments) {
  std::string text = text_of(arguments[0]);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x80) c = static_cast<char>(convert(c));
  return Value::string(std::move(text));
}
Value text_capitalize(Interpreter& interpreter, const Arguments& arguments) {
  std::string text = text_of(text_case<::tolower>(interpreter, arguments));
  if (!text.empty()) text[0] = static_cast<char>(::toupper(text[0]));
  return Value::string(std::move(text));
}

Value text_join(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("join", "self, iterable, /", arguments);
  std::string joined;
  std::size_t index = 0;
  for (const Value& element : elements_of(interpreter, parameters[1])) {
    if (!element.is(Kind::string))
      type_error("sequence item {}: expected str instance, {} found", index, type_name(element));
    joined += (index++ ? parameters.text(0) : "") + text_of(element);
    if (joined.size() > interpreter.limits.text) throw LimitReached("a string becomes too long");
  }
  return Value::string(std::move(joined));
}

Value text_split(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("split", "self, sep=, maxsplit=", arguments);
  auto list = make<List>(interpreter.heap);
  std::string rest = parameters.text(0);
  std::int64_t left = parameters.integer(2, -1);
  const auto add = [&](std::string part) {
    list->elements.push_back(Value::string(std::move(part)));
  };
  if (!parameters.has(1) || parameters[1].is_none()) {
    rest = stripped(rest, white, true, false);
    while (!rest.empty()) {
      const std::size_t end = left == 0 ? std::string::npos : rest.find_first_of(white);
      add(rest.substr(0, end));
      --left;
      rest = end == std::string::npos ? "" : stripped(rest.substr(end), white, true, false);
    }
    return list;
  }
  const std::string& separator = parameters.text(1);
  if (separator.empty()) value_error("empty separator");
  for (std::size_t end; left-- != 0 && (end = rest.find(separator)) != std::string::npos;) {
    add(rest.substr(0, end));
    rest.erase(0, end + separator.size());
  }
  add(std::move(rest));
  return list;
}
Value text_splitlines(Interpreter& interpreter, const Arguments& arguments) {
  auto list = make<List>(interpreter.heap);
  const std::string& text = text_of(arguments[0]);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    list->elements.push_back(Value::string(text.substr(at, end - at)));
    at = end + 1;
  }
  return list;
}

Value text_replace(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("replace", "self, old, new, count=, /", arguments);
  const std::string &text = parameters.text(0), &old = parameters.text(1);
  std::int64_t left = parameters.integer(3, -1);
  if (old.empty()) value_error("replace() of an empty string is not supported");
  std::string result;
  std::size_t at = 0;
  for (std::size_t found; left-- != 0 && (found = text.find(old, at)) != std::string::npos;
       at = found + old.size()) {
    result += text.substr(at, found - at) + parameters.text(2);
    if (result.size() > interpreter.limits.text) throw LimitReached("a string becomes too long");
  }
  return Value::string(result + text.substr(at));
}

/// The part of a str that `start` and `end`, which may be left out, leave to look in.
struct Searched {
  Searched(const Parameters& parameters, std::size_t first) {
    const Text& whole = parameters[0].as<Text>();
    const std::int64_t size = length(whole);
    const auto bound = [&](std::size_t index, std::int64_t otherwise) {
      if (!parameters.has(index) || parameters[index].is_none()) return otherwise;
      const std::int64_t at = parameters.integer(index);
      return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
    };
    start = bound(first, 0);
    const std::int64_t end = std::max(start, bound(first + 1, size));
    const std::size_t begin = byte_offset(whole, start);
    text = std::string_view(whole.text).substr(begin, byte_offset(whole, end) - begin);
  }
  std::string_view text;
  std::int64_t start = 0;  ///< in characters
};

/// startswith and endswith, with one text or a tuple of them.
template <bool at_start>
Value text_matches(Interpreter&, const Arguments& arguments) {
  const Parameters parameters(at_start ? "startswith" : "endswith", "self, prefix, start=, end=, /",
                              arguments);
  parameters.text(0);
  const std::string_view text = Searched(parameters, 2).text;
  const auto matches = [&](const Value& part) {
    if (!part.is(Kind::string))
      type_error("{} first arg must be str or a tuple of str, not {}",
                 at_start ? "startswith" : "endswith", type_name(part));
    return at_start ? text.starts_with(text_of(part)) : text.ends_with(text_of(part));
  };
  if (const Tuple* parts = parameters[1].get_if<Tuple>())
    return Value::boolean(std::any_of(parts->elements.begin(), parts->elements.end(), matches));
  return Value::boolean(matches(parameters[1]));
}

template <bool from_end>
Value text_find(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("find", "self, sub, start=, end=, /", arguments);
  const std::string &sub = parameters.text(1), &self = parameters.text(0);
  const Searched searched(parameters, 2);
  if (parameters.has(2) && parameters[2].is_integral() &&
      parameters[2].as_integer() > length(parameters[0].as<Text>()))
    return Value::integer(-1);
  const std::size_t at = from_end ? searched.text.rfind(sub) : searched.text.find(sub);
  if (self.size() < sub.size() || at == std::string_view::npos) return Value::integer(-1);
  return Value::integer(searched.start + length(Text(std::string(searched.text.substr(0, at)))));
}
template <bool from_end>
Value text_index(Interpreter& interpreter, const Arguments& arguments) {
  Value at = text_find<from_end>(interpreter, arguments);
  if (at.as_integer() < 0) value_error("substring not found");
  return at;
}
Value text_count(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("count", "self, sub, start=, end=, /", arguments);
  const std::string& part = parameters.text(1);
  parameters.text(0);
  const std::string_view text = Searched(parameters, 2).text;
  if (part.empty()) return Value::integer(length(Text(std::string(text))) + 1);
  std::int64_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size())
    ++count;
  return Value::integer(count);
}

template <char align>
Value text_justify(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("ljust", "self, width, fillchar=, /", arguments);
  const std::string fill = parameters.has(2) ? parameters.text(2) : " ";
  return Value::string(format_value(
      interpreter, parameters[0],
      fill + align + std::to_string(std::max<std::int64_t>(0, parameters.integer(1)))));
}
Value text_zfill(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("zfill", "self, width, /", arguments);
  std::string text = parameters.text(0);
  const bool is_signed = text.starts_with('-') || text.starts_with('+');
  const std::int64_t missing = parameters.integer(1) - static_cast<std::int64_t>(text.size());
  if (missing > 0 && missing < 10'000)
    text.insert(is_signed ? 1 : 0, static_cast<std::size_t>(missing), '0');
  return Value::string(std::move(text));
}

template <int (*test)(int)>
Value text_is(Interpreter&, const Arguments& arguments) {
  const std::string& text = text_of(arguments[0]);
  return Value::boolean(!text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return test(static_cast<unsigned char>(c)) != 0;
  }));
}

/// Where the field that begins at `open` ends, past the fields inside its format.
std::size_t closing_brace(const std::string& format, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < format.size(); ++at) {
    if (format[at] == '{') ++depth;
    if (format[at] == '}' && --depth == 0) return at;
  }
  return std::string::npos;
}

/// ".attribute" and "[item]" behind a field's name.
Value field_part(Interpreter& interpreter, Value value, const std::string& path) {
  for (std::size_t at = 0; at < path.size();) {
    const bool is_item = path[at] == '[';
    const std::size_t end =
        std::min(is_item ? path.find(']', at) : path.find_first_of(".[", at + 1), path.size());
    const std::string part = path.substr(at + 1, end - at - 1);
    if (part.empty()) value_error("Empty attribute in format string");
    if (!is_item)
      value = get_attribute(interpreter, value, Text(part));
    else if (std::all_of(part.begin(), part.end(), ::isdigit))
      value = get_item(interpreter, value, Value::integer(std::stoll(part.substr(0, 18))));
    else
      value = get_item(interpreter, value, Value::string(part));
    at = is_item ? end + 1 : end;
  }
  return value;
}

/// "{} {0} {name:.2f}".format(…)
Value text_format(Interpreter& interpreter, const Arguments& arguments) {
  const std::string& format = text_of(arguments[0]);
  std::string result;
  std::size_t automatic = 0;
  bool is_manual = false;
  const auto argument_of = [&](const std::string& name) -> Value {
    Value value;
    if (name.empty() || std::all_of(name.begin(), name.end(), ::isdigit)) {
      if (name.empty() ? is_manual : automatic > 0)
        value_error("cannot switch from {} to {}",
                    is_manual ? "manual field specification" : "automatic field numbering",
                    is_manual ? "automatic field numbering" : "manual field specification");
      is_manual = !name.empty();
      const std::size_t index = name.empty() ? automatic++ : std::stoul(name.substr(0, 9));
      if (index + 1 >= arguments.positional())
        raise(ErrorKind::IndexError, "Replacement index {} out of range for positional args tuple",
              index);
      value = arguments[index + 1];
    } else {
      for (std::size_t k = 0; k < arguments.keywords; ++k)
        if (arguments.name(k) == name) value = arguments.named(k);
      if (!value.is_set()) {
        Raised raised(ErrorKind::KeyError, "");
        raised.argument = Value::string(name);
        throw raised;
      }
    }
    return value;
  };
  for (std::size_t at = 0; at < format.size(); ++at) {
    const char c = format[at];
    if ((c == '{' || c == '}') && at + 1 < format.size() && format[at + 1] == c) {
      result += c;
      ++at;
      continue;
    }
    if (c == '}') value_error("Single '}}' encountered in format string");
    if (c != '{') {
      result += c;
      continue;
    }
    const std::size_t close = closing_brace(format, at);
    if (close == std::string::npos) value_error("expected '}}' before end of string");
    std::string field = format.substr(at + 1, close - at - 1), spec;
    at = close;
    if (const std::size_t colon = field.find(':'); colon != std::string::npos) {
      spec = field.substr(colon + 1);
      field.resize(colon);
    }
    const bool as_repr = field.ends_with("!r"), as_text = field.ends_with("!s");
    if (as_repr || as_text) field.resize(field.size() - 2);
    const std::string name = field.substr(0, field.find_first_of(".["));
    Value value = argument_of(name);
    value = field_part(interpreter, std::move(value), field.substr(name.size()));
    for (std::size_t open; (open = spec.find('{')) != std::string::npos;) {
      const std::size_t end = spec.find('}', open);
      if (end == std::string::npos) value_error("expected '}}' before end of string");
      const std::string inner = spec.substr(open + 1, end - open - 1);
      spec.replace(open, end - open + 1, str(interpreter, argument_of(inner)));
    }
    if (as_repr) value = Value::string(repr(interpreter, value));
    if (as_text) value = Value::string(str(interpreter, value));
    result += format_value(interpreter, value, spec);
    if (result.size() > interpreter.limits.text) throw LimitReached("a string becomes too long");
  }
  return Value::string(std::move(result));
}

constexpr NativeRow text_rows[] = {
    {"capitalize", text_capitalize},
    {"casefold", text_case<::tolower>},
    {"center", text_justify<'^'>},
    {"count", text_count},
    {"endswith", text_matches<false>},
    {"find", text_find<false>},
    {"format", text_format},
    {"index", text_index<false>},
    {"rfind", text_find<true>},
    {"rindex", text_index<true>},
    {"isalnum", text_is<::isalnum>},
    {"isalpha", text_is<::isalpha>},
    {"isdigit", text_is<::isdigit>},
    {"isspace", text_is<::isspace>},
    {"join", text_join},
    {"ljust", text_justify<'<'>},
    {"lower", text_case<::tolower>},
    {"lstrip", text_strip<true, false>},
    {"replace", text_replace},
    {"rjust", text_justify<'>'>},
    {"rstrip", text_strip<false, true>},
    {"split", text_split},
    {"splitlines", text_splitlines},
    {"startswith", text_matches<true>},
    {"strip", text_strip<true, true>},
    {"upper", text_case<::toupper>},
    {"zfill", text_zfill},
};

}  // namespace

void add_text_methods(Class& type) {
  add_methods(type, text_rows);
  add_text_part_methods(type);
}

}  // namespace gradient_check::python
