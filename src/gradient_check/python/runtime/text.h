#pragma once

#include <functional>
#include <string>

#include "gradient_check/python/runtime/value.h"

namespace gradient_check::python {

/// A str, in UTF-8.
struct Text : Object {
  static constexpr Kind object_kind = Kind::string;
  explicit Text(std::string value)
      : Object(object_kind), text(std::move(value)), hash(std::hash<std::string>()(text)) {
    for (const char c : text)
      if (static_cast<unsigned char>(c) >= 0x80) is_ascii = false;
  }
  const std::string text;
  const std::size_t hash;
  bool is_ascii = true;  ///< then characters are bytes
};

struct Bytes : Object {
  static constexpr Kind object_kind = Kind::bytes;
  explicit Bytes(std::string value) : Object(object_kind), data(std::move(value)) {}
  const std::string data;
};

/// How many characters a str has.
std::int64_t length(const Text& text);
/// Where the character with that index begins, in bytes; `index` is at most length(text).
std::size_t byte_offset(const Text& text, std::int64_t index);

}  // namespace gradient_check::python
