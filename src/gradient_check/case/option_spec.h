#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gradient_check {

/// What a layer or loss accepts under one key. The loader validates by it and the schema prints it,
/// so the two cannot disagree.
struct OptionSpec {
  enum class Kind { boolean, integer, number, choice, sizes, tensor };

  std::string name;
  Kind kind = Kind::boolean;
  bool required = false;
  std::variant<std::monostate, bool, std::int64_t, double, std::string> fallback;
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::vector<std::string> choices;  ///< of a choice
  std::size_t dimensions = 1;        ///< of sizes: an integer or a list of this many

  OptionSpec& at_least(double value) { return minimum = value, *this; }
  OptionSpec& at_most(double value) { return maximum = value, *this; }
};

// A specification without a fallback is required, but for tensors, which are optional. All are
// inline: a library of layers uses them without our code.
inline OptionSpec option(OptionSpec::Kind kind, std::string name) {
  OptionSpec spec;
  spec.name = std::move(name);
  spec.kind = kind;
  return spec;
}
inline OptionSpec boolean_option(std::string name, bool fallback) {
  OptionSpec spec = option(OptionSpec::Kind::boolean, std::move(name));
  spec.fallback = fallback;
  return spec;
}
inline OptionSpec integer_option(std::string name) {
  OptionSpec spec = option(OptionSpec::Kind::integer, std::move(name));
  spec.required = true;
  return spec;
}
inline OptionSpec integer_option(std::string name, std::int64_t fallback) {
  OptionSpec spec = option(OptionSpec::Kind::integer, std::move(name));
  spec.fallback = fallback;
  return spec;
}
/// Without fallback, and not required: `Options::integer_if_set` then returns nothing.
inline OptionSpec optional_integer_option(std::string name) {
  return option(OptionSpec::Kind::integer, std::move(name));
}
inline OptionSpec number_option(std::string name, double fallback) {
  OptionSpec spec = option(OptionSpec::Kind::number, std::move(name));
  spec.fallback = fallback;
  return spec;
}
inline OptionSpec choice_option(std::string name, std::vector<std::string> choices,
                                std::string fallback) {
  OptionSpec spec = option(OptionSpec::Kind::choice, std::move(name));
  spec.choices = std::move(choices);
  spec.fallback = std::move(fallback);
  return spec;
}
/// One integer for all `dimensions`, or a list of them. Without fallback: required.
inline OptionSpec sizes_option(std::string name, std::size_t dimensions) {
  OptionSpec spec = option(OptionSpec::Kind::sizes, std::move(name));
  spec.dimensions = dimensions;
  spec.required = true;
  return spec.at_least(0);
}
/// A fallback of -1 leaves the option unset: `Options::sizes` then returns an empty vector.
inline OptionSpec sizes_option(std::string name, std::size_t dimensions, std::int64_t fallback) {
  OptionSpec spec = option(OptionSpec::Kind::sizes, std::move(name));
  spec.dimensions = dimensions;
  spec.fallback = fallback;
  return spec.at_least(0);
}
inline OptionSpec tensor_option(std::string name) {
  return option(OptionSpec::Kind::tensor, std::move(name));
}

/// The validated options of one layer or loss, defaults filled in.
class Options {
 public:
  bool boolean(const std::string& name) const { return std::get<bool>(values_.at(name)); }
  std::int64_t integer(const std::string& name) const {
    return std::get<std::int64_t>(values_.at(name));
  }
  std::optional<std::int64_t> integer_if_set(const std::string& name) const {
    return values_.count(name) != 0 ? std::optional(integer(name)) : std::nullopt;
  }
  double number(const std::string& name) const { return std::get<double>(values_.at(name)); }
  const std::string& choice(const std::string& name) const {
    return std::get<std::string>(values_.at(name));
  }
  const std::vector<std::int64_t>& sizes(const std::string& name) const {
    return std::get<std::vector<std::int64_t>>(values_.at(name));
  }
  /// An undefined tensor where the option was not given.
  const at::Tensor& tensor(const std::string& name) const {
    return std::get<at::Tensor>(values_.at(name));
  }

  using Value =
      std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>, at::Tensor>;
  void set(const std::string& name, Value value) { values_[name] = std::move(value); }

 private:
  std::map<std::string, Value> values_;
};

}  // namespace gradient_check
