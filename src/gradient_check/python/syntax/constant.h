#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace gradient_check::python::ast {

struct NoneConstant {
  bool operator==(const NoneConstant&) const = default;
};
struct EllipsisConstant {
  bool operator==(const EllipsisConstant&) const = default;
};
/// An integer beyond 64 bits, as written but for its underscores: "123…", "0xff…", "0o7…", "0b1…".
struct BigInteger {
  std::string digits;
  bool operator==(const BigInteger&) const = default;
};
/// 2j
struct Imaginary {
  double value = 0;
  bool operator==(const Imaginary&) const = default;
};
struct Bytes {
  std::string value;
  bool operator==(const Bytes&) const = default;
};

/// The value of a literal. A string is UTF-8, a lone surrogate ("\ud800") three bytes of it.
using ConstantValue = std::variant<NoneConstant, bool, std::int64_t, BigInteger, double, Imaginary,
                                   std::string, Bytes, EllipsisConstant>;

}  // namespace gradient_check::python::ast
