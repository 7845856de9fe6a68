#include "gradient_check/python/runtime/arguments.h"

#include <algorithm>

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {
namespace {

struct Parameter {
  std::string_view name;
  bool optional = false, by_position = true, by_name = true;
};

std::vector<Parameter> parsed(std::string_view signature) {
  std::vector<Parameter> parameters;
  bool by_position = true;
  while (!signature.empty()) {
    const std::size_t comma = std::min(signature.find(", "), signature.size());
    std::string_view word = signature.substr(0, comma);
    signature.remove_prefix(std::min(comma + 2, signature.size()));
    if (word == "*") {
      by_position = false;
    } else if (word == "/") {
      for (Parameter& parameter : parameters) parameter.by_name = false;
    } else {
      const bool optional = word.back() == '=';
      if (optional) word.remove_suffix(1);
      parameters.push_back({word, optional, by_position, true});
    }
  }
  return parameters;
}

}  // namespace

Parameters::Parameters(const char* function, std::string_view signature, const Arguments& arguments)
    : function_(function) {
  const std::vector<Parameter> parameters = parsed(signature);
  values_.resize(parameters.size());
  const auto by_position = static_cast<std::size_t>(std::count_if(
      parameters.begin(), parameters.end(), [](const auto& p) { return p.by_position; }));
  if (arguments.positional() > by_position) {
    const bool some_optional =
        std::any_of(parameters.begin(), parameters.end(), [](const auto& p) { return p.optional; });
    type_error("{}{} expected {}{} argument{}, got {}", function, by_position == 0 ? "()" : "",
               some_optional ? "at most " : "", by_position, by_position == 1 ? "" : "s",
               arguments.positional());
  }
  for (std::size_t i = 0; i < arguments.positional(); ++i) values_[i] = arguments[i];
  for (std::size_t k = 0; k < arguments.keywords; ++k) {
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) {
      return p.by_name && p.name == arguments.name(k);
    });
    if (found == parameters.end())
      type_error("{}() got an unexpected keyword argument '{}'", function, arguments.name(k));
    values_[static_cast<std::size_t>(found - parameters.begin())] = arguments.named(k);
  }
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (!values_[i].is_set() && !parameters[i].optional)
      type_error("{}() missing required argument '{}' (pos {})", function, parameters[i].name,
                 i + 1);
}

std::int64_t Parameters::integer(std::size_t index) const {
  if (const Opaque* opaque = values_[index].get_if<Opaque>())
    if (const auto number = opaque->index()) return *number;
  if (!values_[index].is_integral())
    type_error("'{}' object cannot be interpreted as an integer", type_name(values_[index]));
  return values_[index].as_integer();
}

std::int64_t Parameters::integer(std::size_t index, std::int64_t otherwise) const {
  return has(index) ? integer(index) : otherwise;
}

double Parameters::real(std::size_t index) const {
  const Value number = plain_number(values_[index]);
  if (!number.is_number()) type_error("must be real number, not {}", type_name(number));
  return number.as_real();
}

const std::string& Parameters::text(std::size_t index) const {
  if (!values_[index].is(Kind::string))
    type_error("{}() argument {} must be str, not {}", function_, index + 1,
               type_name(values_[index]));
  return text_of(values_[index]);
}

}  // namespace gradient_check::python
