#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gradient_check {

/// A place in a text file. Lines and columns count from 1; 0 means unknown.
struct Position {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
};

/// What is wrong with a case file, where it is, and what to write instead.
class CaseError : public std::runtime_error {
 public:
  CaseError(Position position, std::string json_path, const std::string& message)
      : std::runtime_error(message),
        position_(std::move(position)),
        json_path_(std::move(json_path)) {}
  const Position& position() const { return position_; }
  /// JSON path such as `$.layers[2].kernel_size`; empty where none applies.
  const std::string& json_path() const { return json_path_; }

 private:
  Position position_;
  std::string json_path_;
};

struct JsonMember;

/// A JSON value that remembers where it stands in its file.
struct JsonValue {
  enum class Kind { null, boolean, integer, number, string, array, object };

  Kind kind = Kind::null;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool boolean = false;
  std::int64_t integer = 0;         ///< of an integer
  double number = 0;                ///< of an integer or a number
  std::string string;               ///< of a string; the text of a number
  std::vector<JsonValue> items;     ///< of an array
  std::vector<JsonMember> members;  ///< of an object, in file order

  bool is_number() const { return kind == Kind::integer || kind == Kind::number; }
  bool is_object() const { return kind == Kind::object; }
  bool is_array() const { return kind == Kind::array; }
  bool is_string() const { return kind == Kind::string; }
  /// The member of that name, or null.
  const JsonValue* find(std::string_view key) const;
  /// "the string \"x\"", "an array of 3", …: what an error says was found.
  std::string describe() const;
};

struct JsonMember {
  std::string key;
  std::uint32_t line = 0;  ///< of the key
  std::uint32_t column = 0;
  JsonValue value;
};

/// A value together with the file and the JSON path that lead to it, so that whoever reads it can
/// report errors with their place.
class JsonCursor {
 public:
  JsonCursor(const JsonValue& value, const std::string& file, std::string path)
      : value_(&value), file_(&file), path_(std::move(path)) {}

  const JsonValue& value() const { return *value_; }
  const JsonValue* operator->() const { return value_; }
  const std::string& path() const { return path_; }
  const std::string& file() const { return *file_; }
  Position position() const { return {*file_, value_->line, value_->column}; }

  JsonCursor item(std::size_t index) const;
  JsonCursor member(const JsonMember& member) const;

  /// Throws a CaseError at this value.
  [[noreturn]] void fail(const std::string& message) const;
  /// Throws a CaseError at the key of a member.
  [[noreturn]] void fail_key(const JsonMember& member, const std::string& message) const;

  // Each throws a CaseError that says what was found where the value is of another kind.
  const std::string& as_string(std::string_view what) const;
  bool as_boolean(std::string_view what) const;
  std::int64_t as_integer(std::string_view what) const;
  double as_number(std::string_view what) const;
  void expect_object(std::string_view what) const;
  void expect_array(std::string_view what) const;
  /// Throws at the first key that is not among `known`, with a suggestion.
  void expect_keys(const std::vector<std::string>& known, std::string_view what) const;

 private:
  const JsonValue* value_;
  const std::string* file_;
  std::string path_;
};

/// Parses JSON with comments. `file` names the text in errors. Duplicate keys, trailing text and
/// nesting deeper than 200 are errors. Throws CaseError.
JsonValue parse_json(std::string_view text, const std::string& file);

}  // namespace gradient_check
