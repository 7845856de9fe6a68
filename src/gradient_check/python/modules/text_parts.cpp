#include <algorithm>
#include <cctype>

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/subscript.h"

namespace gradient_check::python {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
char as_upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }
char as_lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

Value text_title(Interpreter&, const Arguments& arguments) {
  std::string text = Parameters("title", "self, /", arguments).text(0);
  bool inside = false;
  for (char& c : text) {
    c = inside ? as_lower(c) : as_upper(c);
    inside = is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
  }
  return Value::string(std::move(text));
}
Value text_swapcase(Interpreter&, const Arguments& arguments) {
  std::string text = Parameters("swapcase", "self, /", arguments).text(0);
  for (char& c : text) c = std::isupper(static_cast<unsigned char>(c)) ? as_lower(c) : as_upper(c);
  return Value::string(std::move(text));
}

/// isupper() and islower(): some letters, and none of the other case.
template <int (*wanted)(int), int (*other)(int)>
Value text_has_case(Interpreter&, const Arguments& arguments) {
  bool some = false;
  const Parameters parameters("isupper", "self, /", arguments);
  for (const char c : parameters.text(0)) {
    if (other(static_cast<unsigned char>(c))) return Value::boolean(false);
    some = some || wanted(static_cast<unsigned char>(c));
  }
  return Value::boolean(some);
}
Value text_istitle(Interpreter&, const Arguments& arguments) {
  bool some = false, inside = false;
  const Parameters parameters("istitle", "self, /", arguments);
  for (const char c : parameters.text(0)) {
    const bool is_upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (is_letter(c) && is_upper == inside) return Value::boolean(false);
    some = some || is_letter(c);
    inside = is_letter(c);
  }
  return Value::boolean(some);
}
Value text_isidentifier(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("isidentifier", "self, /", arguments);
  const std::string& text = parameters.text(0);
  const auto fits = [](char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  return Value::boolean(!text.empty() && !std::isdigit(static_cast<unsigned char>(text[0])) &&
                        std::all_of(text.begin(), text.end(), fits));
}
Value text_isascii(Interpreter&, const Arguments& arguments) {
  return Value::boolean(Parameters("isascii", "self, /", arguments)[0].as<Text>().is_ascii);
}
Value text_isprintable(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("isprintable", "self, /", arguments);
  const std::string& text = parameters.text(0);
  return Value::boolean(std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  }));
}

/// partition() and rpartition()
template <bool from_right>
Value text_partition(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("partition", "self, sep, /", arguments);
  const std::string &text = parameters.text(0), &separator = parameters.text(1);
  if (separator.empty()) value_error("empty separator");
  const std::size_t at = from_right ? text.rfind(separator) : text.find(separator);
  const auto tuple = [](std::string a, std::string b, std::string c) {
    return make<Tuple>(std::vector{Value::string(std::move(a)), Value::string(std::move(b)),
                                   Value::string(std::move(c))});
  };
  if (at != std::string::npos)
    return tuple(text.substr(0, at), separator, text.substr(at + separator.size()));
  return from_right ? tuple("", "", text) : tuple(text, "", "");
}

Value text_rsplit(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("rsplit", "self, sep=, maxsplit=", arguments);
  constexpr const char* blanks = " \t\n\r\f\v";
  const bool at_blanks = !parameters.has(1) || parameters[1].is_none();
  std::string rest = parameters.text(0);
  const std::string separator = at_blanks ? "" : parameters.text(1);
  if (!at_blanks && separator.empty()) value_error("empty separator");
  std::vector<Value> parts;
  for (std::int64_t left = parameters.integer(2, -1);; --left) {
    if (at_blanks) rest.erase(rest.find_last_not_of(blanks) + 1);
    if (at_blanks && rest.empty()) break;
    const std::size_t at = left == 0   ? std::string::npos
                           : at_blanks ? rest.find_last_of(blanks)
                                       : rest.rfind(separator);
    if (at == std::string::npos) {
      if (at_blanks) rest.erase(0, std::min(rest.find_first_not_of(blanks), rest.size()));
      parts.push_back(Value::string(rest));
      break;
    }
    const std::size_t size = at_blanks ? 1 : separator.size();
    parts.push_back(Value::string(rest.substr(at + size)));
    rest.erase(at);
  }
  std::reverse(parts.begin(), parts.end());
  return make<List>(interpreter.heap, std::move(parts));
}

template <bool at_start>
Value text_remove(Interpreter&, const Arguments& arguments) {
  const Parameters parameters(at_start ? "removeprefix" : "removesuffix", "self, part, /",
                              arguments);
  const std::string &text = parameters.text(0), &part = parameters.text(1);
  if (at_start) return Value::string(text.starts_with(part) ? text.substr(part.size()) : text);
  return Value::string(text.ends_with(part) ? text.substr(0, text.size() - part.size()) : text);
}

Value text_expandtabs(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("expandtabs", "self, tabsize=", arguments);
  const auto size =
      static_cast<std::size_t>(std::clamp<std::int64_t>(parameters.integer(1, 8), 0, 1000));
  std::string result;
  std::size_t column = 0;
  for (const char c : parameters.text(0)) {
    if (c == '\t') {
      const std::size_t missing = size ? size - column % size : 0;
      result.append(missing, ' ');
      column += missing;
      continue;
    }
    result += c;
    column = c == '\n' || c == '\r' ? 0 : column + ((static_cast<unsigned char>(c) & 0xc0) != 0x80);
  }
  return Value::string(std::move(result));
}

/// The characters of a str, and their codes.
std::vector<Value> characters(Interpreter& interpreter, const Value& text) {
  return elements_of(interpreter, text);
}
Value code_of(Interpreter& interpreter, const Value& character) {
  return call(interpreter, interpreter.builtins->get(interpreter, "ord"), {character});
}

Value text_maketrans(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("maketrans", "x, y=, z=, /", arguments);
  auto table = make<Dict>(interpreter.heap);
  if (const Dict* dict = parameters[0].get_if<Dict>(); dict && !parameters.has(1)) {
    for (const auto& entry : dict->table.entries())
      if (entry.key.is_set())
        set_item(interpreter, *table,
                 entry.key.is(Kind::string) ? code_of(interpreter, entry.key) : entry.key,
                 entry.value);
    return table;
  }
  parameters.text(0);
  const auto from = characters(interpreter, parameters[0]);
  const auto to = characters(interpreter, parameters[1]);
  if (from.size() != to.size())
    value_error("the first two maketrans arguments must have equal length");
  for (std::size_t i = 0; i < from.size(); ++i)
    set_item(interpreter, *table, code_of(interpreter, from[i]), code_of(interpreter, to[i]));
  if (parameters.has(2))
    for (const Value& removed : characters(interpreter, parameters[2]))
      set_item(interpreter, *table, code_of(interpreter, removed), Value::none());
  return table;
}
Value text_translate(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("translate", "self, table, /", arguments);
  std::string result;
  for (const Value& character : characters(interpreter, parameters[0])) {
    Value made = character;
    try {
      made = get_item(interpreter, parameters[1], code_of(interpreter, character));
    } catch (const Raised& raised) {
      if (raised.kind != ErrorKind::KeyError && raised.kind != ErrorKind::IndexError) throw;
    }
    if (made.is_none()) continue;
    if (made.is_integral())
      made = call(interpreter, interpreter.builtins->get(interpreter, "chr"), {made});
    if (!made.is(Kind::string)) type_error("character mapping must return integer, None or str");
    result += text_of(made);
  }
  return Value::string(std::move(result));
}

Value text_encode(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("encode", "self, encoding=, errors=", arguments);
  return make<Bytes>(parameters.text(0));
}
Value bytes_decode(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("decode", "self, encoding=, errors=", arguments);
  return Value::string(parameters[0].as<Bytes>().data);
}
Value bytes_hex(Interpreter&, const Arguments& arguments) {
  std::string digits;
  for (const char c : Parameters("hex", "self, /", arguments)[0].as<Bytes>().data)
    digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return Value::string(digits);
}

Value slice_indices(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("indices", "self, len, /", arguments);
  const Slice& slice = parameters[0].as<Slice>();
  const std::int64_t length = parameters.integer(1);
  if (length < 0) value_error("length should not be negative");
  const std::int64_t step = resolved(interpreter, slice, length).step;
  const std::int64_t first = step > 0 ? 0 : -1, last = step > 0 ? length : length - 1;
  const auto bound = [&](const Value& value, std::int64_t otherwise) {
    if (value.is_none()) return Value::integer(otherwise);
    const std::int64_t at = as_index(interpreter, value).value_or(0);
    return Value::integer(std::clamp(at < 0 ? at + length : at, first, last));
  };
  return make<Tuple>(std::vector{bound(slice.lower, step > 0 ? 0 : last),
                                 bound(slice.upper, step > 0 ? last : -1), Value::integer(step)});
}

constexpr NativeRow text_part_rows[] = {
    {"encode", text_encode},
    {"expandtabs", text_expandtabs},
    {"isascii", text_isascii},
    {"isidentifier", text_isidentifier},
    {"islower", text_has_case<::islower, ::isupper>},
    {"isprintable", text_isprintable},
    {"istitle", text_istitle},
    {"isupper", text_has_case<::isupper, ::islower>},
    {"partition", text_partition<false>},
    {"removeprefix", text_remove<true>},
    {"removesuffix", text_remove<false>},
    {"rpartition", text_partition<true>},
    {"rsplit", text_rsplit},
    {"swapcase", text_swapcase},
    {"title", text_title},
    {"translate", text_translate},
};
constexpr NativeRow bytes_rows[] = {{"decode", bytes_decode}, {"hex", bytes_hex}};
constexpr NativeRow slice_rows[] = {{"indices", slice_indices}};

}  // namespace

void add_text_part_methods(Class& type) {
  add_methods(type, text_part_rows);
  type.attributes->set(
      "maketrans",
      Value(new MethodWrapper(Kind::static_method, make<Builtin>("maketrans", text_maketrans))));
}
void add_bytes_methods(Class& type) { add_methods(type, bytes_rows); }
void add_slice_methods(Class& type) { add_methods(type, slice_rows); }

}  // namespace gradient_check::python
