#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "gradient_check/case/json_value.h"

namespace gradient_check {
namespace {

constexpr std::size_t maximum_depth = 200;

/// Hands the text to nlohmann's lexer and counts what it has taken, which is how a SAX callback
/// learns where it is.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* consumed) : at_(at), consumed_(consumed) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*consumed_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  std::size_t* consumed_;
};

/// Builds the located tree from nlohmann's SAX events.
class TreeBuilder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  TreeBuilder(std::string_view text, const std::string& file) : text_(text), file_(file) {
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') line_starts_.push_back(i + 1);
  }

  std::size_t* consumed() { return &consumed_; }
  /// Once all is read. nlohmann takes a zero byte for the end, and what follows it for nothing.
  JsonValue take_root() {
    if (const std::size_t zero = text_.find('\0'); zero != text_.npos)
      throw CaseError(place(zero), "", "this is not JSON: a zero byte");
    return std::move(root_);
  }

  bool null() { return add(make(JsonValue::Kind::null, word_start())); }
  bool boolean(bool value) {
    JsonValue node = make(JsonValue::Kind::boolean, word_start());
    node.boolean = value;
    return add(std::move(node));
  }
  bool number_integer(number_integer_t value) { return integer(value); }
  bool number_unsigned(number_unsigned_t value) {
    if (value <= static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      return integer(static_cast<std::int64_t>(value));
    return number_float(static_cast<double>(value), std::to_string(value));
  }
  bool number_float(number_float_t value, const string_t& text) {
    JsonValue node = make(JsonValue::Kind::number, number_start());
    node.number = value;
    node.string = text;
    return add(std::move(node));
  }
  bool string(string_t& value) {
    JsonValue node = make(JsonValue::Kind::string, string_start());
    node.string = std::move(value);
    return add(std::move(node));
  }
  bool binary(binary_t&) { return false; }
  bool start_object(std::size_t) { return open(JsonValue::Kind::object); }
  bool start_array(std::size_t) { return open(JsonValue::Kind::array); }
  bool end_object() { return open_.pop_back(), true; }
  bool end_array() { return open_.pop_back(), true; }

  bool key(string_t& value) {
    const Position position = place(string_start());
    JsonValue& object = *open_.back();
    if (std::any_of(object.members.begin(), object.members.end(),
                    [&](const JsonMember& member) { return member.key == value; }))
      throw CaseError(position, "", fmt::format("duplicate key '{}'; keep one of the two", value));
    object.members.push_back({std::move(value),
                              static_cast<std::uint32_t>(position.line),
                              static_cast<std::uint32_t>(position.column),
                              {}});
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) {
    std::string message = error.what();
    if (message.find("out_of_range") != std::string::npos)
      throw CaseError(place(number_start()), "",
                      "the number is too large for a double (overflow); infinities are written as "
                      "the strings \"inf\" and \"-inf\"");
    if (std::size_t at = message.find("column "); at != std::string::npos)
      if (at = message.find(": ", at); at != std::string::npos) message = message.substr(at + 2);
    throw CaseError(place(consumed_ == 0 ? 0 : consumed_ - 1), "",
                    fmt::format("this is not JSON: {}", message));
  }

 private:
  Position place(std::size_t offset) const {
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const std::size_t line = static_cast<std::size_t>(after - line_starts_.begin());
    return {file_, line, offset - line_starts_[line - 1] + 1};
  }

  // Each finds where the token ended by the last consumed character began.
  std::size_t string_start() const {
    std::size_t at = consumed_ - 1;
    while (at > 0) {
      --at;
      if (text_[at] != '"') continue;
      std::size_t backslashes = 0;
      while (backslashes < at && text_[at - backslashes - 1] == '\\') ++backslashes;
      if (backslashes % 2 == 0) break;
    }
    return at;
  }
  std::size_t number_start() const {
    const auto in_number = [](char c) {
      return std::string_view("0123456789+-.eE").find(c) != std::string_view::npos;
    };
    std::size_t at = std::min(consumed_, text_.size());
    while (at > 0 && !in_number(text_[at - 1])) --at;
    while (at > 0 && in_number(text_[at - 1])) --at;
    return at;
  }
  std::size_t word_start() const {
    std::size_t at = consumed_;
    while (at > 0 && text_[at - 1] >= 'a' && text_[at - 1] <= 'z') --at;
    return at;
  }

  JsonValue make(JsonValue::Kind kind, std::size_t offset) const {
    const Position position = place(offset);
    JsonValue node;
    node.kind = kind;
    node.line = static_cast<std::uint32_t>(position.line);
    node.column = static_cast<std::uint32_t>(position.column);
    return node;
  }

  bool integer(std::int64_t value) {
    JsonValue node = make(JsonValue::Kind::integer, number_start());
    node.integer = value;
    node.number = static_cast<double>(value);
    node.string = std::to_string(value);
    return add(std::move(node));
  }

  bool add(JsonValue node) { return place_node(std::move(node)), true; }

  bool open(JsonValue::Kind kind) {
    if (open_.size() >= maximum_depth)
      throw CaseError(place(consumed_ - 1), "",
                      fmt::format("nested deeper than {} levels", maximum_depth));
    open_.push_back(place_node(make(kind, consumed_ - 1)));
    return true;
  }

  JsonValue* place_node(JsonValue node) {
    if (open_.empty()) return &(root_ = std::move(node));
    JsonValue& parent = *open_.back();
    if (parent.kind == JsonValue::Kind::array) return &parent.items.emplace_back(std::move(node));
    return &(parent.members.back().value = std::move(node));
  }

  std::string_view text_;
  const std::string& file_;
  std::vector<std::size_t> line_starts_{0};
  std::size_t consumed_ = 0;
  JsonValue root_;
  // Stable while open: a parent gains no further element until its open child is closed.
  std::vector<JsonValue*> open_;
};

}  // namespace

JsonValue parse_json(std::string_view text, const std::string& file) {
  TreeBuilder builder(text, file);
  nlohmann::json::sax_parse(CountingIterator(text.data(), builder.consumed()),
                            CountingIterator(text.data() + text.size(), builder.consumed()),
                            &builder, nlohmann::json::input_format_t::json, true, true);
  return builder.take_root();
}

}  // namespace gradient_check
