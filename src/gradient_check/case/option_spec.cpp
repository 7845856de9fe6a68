#include "gradient_check/case/option_spec.h"

namespace gradient_check {
namespace {

OptionSpec spec(std::string name, OptionSpec::Kind kind) {
  OptionSpec result;
  result.name = std::move(name);
  result.kind = kind;
  return result;
}

}  // namespace

OptionSpec boolean_option(std::string name, bool fallback) {
  OptionSpec result = spec(std::move(name), OptionSpec::Kind::boolean);
  result.fallback = fallback;
  return result;
}

OptionSpec integer_option(std::string name) {
  OptionSpec result = spec(std::move(name), OptionSpec::Kind::integer);
  result.required = true;
  return result;
}

OptionSpec integer_option(std::string name, std::int64_t fallback) {
  OptionSpec result = spec(std::move(name), OptionSpec::Kind::integer);
  result.fallback = fallback;
  return result;
}

OptionSpec optional_integer_option(std::string name) {
  return spec(std::move(name), OptionSpec::Kind::integer);
}

OptionSpec number_option(std::string name, double fallback) {
  OptionSpec result = spec(std::move(name), OptionSpec::Kind::number);
  result.fallback = fallback;
  return result;
}

OptionSpec choice_option(std::string name, std::vector<std::string> choices, std::string fallback) {
  OptionSpec result = spec(std::move(name), OptionSpec::Kind::choice);
  result.choices = std::move(choices);
  result.fallback = std::move(fallback);
  return result;
}

OptionSpec sizes_option(std::string name, std::size_t dimensions) {
  OptionSpec result = spec(std::move(name), OptionSpec::Kind::sizes);
  result.dimensions = dimensions;
  result.required = true;
  return result.at_least(0);
}

OptionSpec sizes_option(std::string name, std::size_t dimensions, std::int64_t fallback) {
  OptionSpec result = spec(std::move(name), OptionSpec::Kind::sizes);
  result.dimensions = dimensions;
  result.fallback = fallback;
  return result.at_least(0);
}

OptionSpec tensor_option(std::string name) {
  return spec(std::move(name), OptionSpec::Kind::tensor);
}

}  // namespace gradient_check
