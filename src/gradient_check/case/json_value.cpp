#include "gradient_check/case/json_value.h"

#include <fmt/format.h>

#include "gradient_check/case/suggest.h"

namespace gradient_check {
namespace {

std::string article(std::string_view what) { return fmt::format("expected {}", what); }

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  for (const JsonMember& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}

std::string JsonValue::describe() const {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return boolean ? "true" : "false";
    case Kind::integer:
    case Kind::number:
      return fmt::format("the number {}", string);
    case Kind::string:
      return string.size() <= 40 ? fmt::format("the string \"{}\"", string) : "a long string";
    case Kind::array:
      return fmt::format("an array of {}", items.size());
    case Kind::object:
      return "an object";
  }
  return "nothing";
}

JsonCursor JsonCursor::item(std::size_t index) const {
  return {value_->items[index], *file_, fmt::format("{}[{}]", path_, index)};
}

JsonCursor JsonCursor::member(const JsonMember& member) const {
  return {member.value, *file_, fmt::format("{}.{}", path_, member.key)};
}

void JsonCursor::fail(const std::string& message) const {
  throw CaseError(position(), path_, message);
}

void JsonCursor::fail_key(const JsonMember& member, const std::string& message) const {
  throw CaseError({*file_, member.line, member.column}, fmt::format("{}.{}", path_, member.key),
                  message);
}

const std::string& JsonCursor::as_string(std::string_view what) const {
  if (!value_->is_string()) fail(fmt::format("{}, found {}", article(what), value_->describe()));
  return value_->string;
}

bool JsonCursor::as_boolean(std::string_view what) const {
  if (value_->kind != JsonValue::Kind::boolean)
    fail(fmt::format("{}, found {}", article(what), value_->describe()));
  return value_->boolean;
}

std::int64_t JsonCursor::as_integer(std::string_view what) const {
  if (value_->kind == JsonValue::Kind::integer) return value_->integer;
  // A whole number too large for 64 bits reaches us as a floating-point one.
  const bool whole = value_->kind == JsonValue::Kind::number &&
                     value_->string.find_first_of(".eE") == std::string::npos;
  fail(fmt::format("{}, found {}{}", article(what), value_->describe(),
                   whole ? ", which does not fit 64 bits (overflow)" : ""));
}

double JsonCursor::as_number(std::string_view what) const {
  if (!value_->is_number()) fail(fmt::format("{}, found {}", article(what), value_->describe()));
  return value_->number;
}

void JsonCursor::expect_object(std::string_view what) const {
  if (!value_->is_object()) fail(fmt::format("{}, found {}", article(what), value_->describe()));
}

void JsonCursor::expect_array(std::string_view what) const {
  if (!value_->is_array()) fail(fmt::format("{}, found {}", article(what), value_->describe()));
}

void JsonCursor::expect_keys(const std::vector<std::string>& known, std::string_view what) const {
  for (const JsonMember& member : value_->members) {
    bool found = false;
    for (const std::string& key : known) found = found || key == member.key;
    if (!found)
      fail_key(member, fmt::format("unknown key '{}' in {}{}", member.key, what,
                                   suggest(member.key, known)));
  }
}

}  // namespace gradient_check
