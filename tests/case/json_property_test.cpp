#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "gradient_check/case/json_value.h"

namespace gradient_check {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text)
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  return lines;
}

rc::Gen<std::string> json_like_text() {
  const auto piece = rc::gen::oneOf(
      rc::gen::element<std::string>("{", "}", "[", "]", ",", ":", "\"a\"", "\"b\\\"\"", "\"", "1",
                                    "-2.5e3", "1e400", "99999999999999999999", "true", "nul", "//",
                                    "/*", "*/", "\n", " ", "\\u00e9", "\xff", "\xc3\xa9"),
      rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const std::string& piece : pieces) text += piece;
                        return text;
                      });
}

void expect_in_range(const std::string& text, std::size_t line, std::size_t column) {
  const auto lines = lines_of(text);
  RC_ASSERT(line >= 1U);
  RC_ASSERT(line <= lines.size());
  RC_ASSERT(column >= 1U);
  RC_ASSERT(column <= lines[line - 1].size() + 1);
}

RC_GTEST_PROP(JsonParser, RefusesAnyTextAtAPlaceInIt, ()) {
  const std::string text = *json_like_text();
  try {
    const JsonValue root = parse_json(text, "f");
    expect_in_range(text, root.line, root.column);
  } catch (const CaseError& error) {
    expect_in_range(text, error.position().line, error.position().column);
  }
}

rc::Gen<Json> json_value(int depth) {
  const auto leaf = rc::gen::oneOf(
      rc::gen::just(Json()),
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return Json(b); }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t i) { return Json(i); }),
      rc::gen::map(rc::gen::arbitrary<double>(), [](double d) { return Json(d); }),
      rc::gen::map(rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)),
                   [](const std::string& s) { return Json(s); }));
  if (depth == 0) return leaf;
  const auto items =
      rc::gen::resize(4, rc::gen::container<std::vector<Json>>(json_value(depth - 1)));
  const auto array = rc::gen::map(items, [](const std::vector<Json>& v) { return Json(v); });
  const auto object = rc::gen::map(items, [](const std::vector<Json>& v) {
    Json json = Json::object();
    for (std::size_t i = 0; i < v.size(); ++i) json["k\"" + std::to_string(i)] = v[i];
    return json;
  });
  return rc::gen::oneOf(leaf, array, object);
}

/// The value is what nlohmann reads, and stands where it says.
void expect_same(const JsonValue& value, const Json& json, const std::vector<std::string>& lines) {
  const std::string rest = lines.at(value.line - 1).substr(value.column - 1);
  RC_ASSERT(rest[0] == json.dump()[0]);
  switch (json.type()) {
    case Json::value_t::object: {
      RC_ASSERT(value.members.size() == json.size());
      std::size_t i = 0;
      for (const auto& [key, inner] : json.items()) {
        RC_ASSERT(value.members[i].key == key);
        expect_same(value.members[i++].value, inner, lines);
      }
      break;
    }
    case Json::value_t::array:
      RC_ASSERT(value.items.size() == json.size());
      for (std::size_t i = 0; i < json.size(); ++i) expect_same(value.items[i], json[i], lines);
      break;
    case Json::value_t::string:
      RC_ASSERT(value.string == json.get<std::string>());
      break;
    case Json::value_t::boolean:
      RC_ASSERT(value.boolean == json.get<bool>());
      break;
    case Json::value_t::null:
      RC_ASSERT(value.kind == JsonValue::Kind::null);
      break;
    default:
      RC_ASSERT(value.number == json.get<double>());
  }
}

RC_GTEST_PROP(JsonParser, ReadsWhatIsWrittenWhereItStands, ()) {
  const Json json = *json_value(3);
  const std::string text = json.dump(*rc::gen::inRange(-1, 3));
  expect_same(parse_json(text, "f"), json, lines_of(text));
}

}  // namespace
}  // namespace gradient_check
