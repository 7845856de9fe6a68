#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "gradient_check/python/runtime/text.h"

namespace gradient_check::python {

class Interpreter;

/// What a call passes: positional values, then those by keyword with their names. Refers to the
/// caller's storage, which the callee may move values out of.
struct Arguments {
  Value* values = nullptr;
  std::size_t count = 0;         ///< all of them
  const Value* names = nullptr;  ///< str, of the last ones
  std::size_t keywords = 0;

  std::size_t positional() const { return count - keywords; }
  Value& operator[](std::size_t index) const { return values[index]; }
  const std::string& name(std::size_t keyword) const { return text_of(names[keyword]); }
  Value& named(std::size_t keyword) const { return values[positional() + keyword]; }
  Arguments without_first() const { return {values + 1, count - 1, names, keywords}; }
};

/// A function written in C++.
using NativeFunction = Value (*)(Interpreter&, const Arguments&);

/// Arguments of a native function by position or name, in the order of a signature such as
/// "iterable, /, *, key=, reverse=": names up to "/" go by position only, after "*" by name only,
/// "=" marks what may be left out (the Value is unset then). Raises TypeError as Python does.
class Parameters {
 public:
  Parameters(const char* function, std::string_view signature, const Arguments& arguments);
  const Value& operator[](std::size_t index) const { return values_[index]; }
  bool has(std::size_t index) const { return values_[index].is_set(); }
  /// Raise TypeError where the argument is given and something else; `otherwise` where it is not.
  std::int64_t integer(std::size_t index) const;
  std::int64_t integer(std::size_t index, std::int64_t otherwise) const;
  double real(std::size_t index) const;
  const std::string& text(std::size_t index) const;

 private:
  const char* function_;
  std::vector<Value> values_;
};

}  // namespace gradient_check::python
