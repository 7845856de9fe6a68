#include "gradient_check/diagnosis/blame/factor_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "gradient_check/python/syntax/tokenizer.h"

namespace gradient_check {
namespace {

constexpr double tolerance = 1e-7;

bool close(double a, double b) { return std::abs(a - b) <= tolerance * std::abs(b); }

/// A number that the program holds: its value, its code, and what it is.
struct Quantity {
  double value;
  std::string code, phrase;
};

void add_sizes(const std::string& name, const at::Tensor& tensor, std::vector<Quantity>& found) {
  if (!tensor.defined()) return;
  const auto dims = tensor.dim();
  for (std::int64_t d = 0; d < dims; ++d) {
    const std::string what = dims == 2   ? (d == 0 ? fmt::format("the rows of {}", name)
                                                   : fmt::format("the columns of {}", name))
                             : dims == 1 ? fmt::format("the length of {}", name)
                                         : fmt::format("the size of dimension {} of {}", d, name);
    if (tensor.size(d) > 1)
      found.push_back(
          {static_cast<double>(tensor.size(d)), fmt::format("{}.size({})", name, d), what});
  }
  if (dims > 1)
    found.push_back({static_cast<double>(tensor.numel()), fmt::format("{}.numel()", name),
                     fmt::format("the number of elements of {}", name)});
}

std::vector<Quantity> quantities(const Environment& environment,
                                 const std::vector<std::string>& first) {
  std::vector<std::string> order;
  for (const std::string& name : first)
    if (environment.count(name)) order.push_back(name);
  for (const auto& [name, value] : environment)
    if (std::find(order.begin(), order.end(), name) == order.end()) order.push_back(name);
  std::vector<Quantity> found;
  for (const std::string& name : order) {
    const c10::IValue& value = environment.at(name);
    if (value.isInt() && value.toInt() > 1)
      found.push_back({static_cast<double>(value.toInt()), name, name});
    else if (value.isDouble() && value.toDouble() > 0 && value.toDouble() != 1)
      found.push_back({value.toDouble(), name, name});
  }
  for (const std::string& name : order)
    if (const c10::IValue& value = environment.at(name); value.isTensor())
      add_sizes(name, value.toTensor(), found);
  return found;
}

/// The factor (positive) as a quantity, its inverse, root or double.
std::optional<FactorText> from_quantity(double factor, const Quantity& q) {
  const std::string value = fmt::format("{:g}", q.value);
  const std::string what = q.phrase == q.code ? q.code + " = " + value : value + ", " + q.phrase;
  if (close(factor, q.value)) return FactorText{what, " / " + q.code};
  if (close(factor, 1 / q.value)) return FactorText{"1/" + what, " * " + q.code};
  if (close(factor, std::sqrt(q.value)))
    return FactorText{"√" + what, " / (" + q.code + " ** 0.5)"};
  if (close(factor, 1 / std::sqrt(q.value)))
    return FactorText{"1/√" + what, " * (" + q.code + " ** 0.5)"};
  if (close(factor, q.value / 2)) return FactorText{"half of " + what, " * 2 / " + q.code};
  if (close(factor, 2 * q.value)) return FactorText{"twice " + what, " / (2 * " + q.code + ")"};
  if (close(factor, 2 / q.value)) return FactorText{"2/" + what, " * " + q.code + " / 2"};
  if (close(factor, 1 / (2 * q.value)))
    return FactorText{"1/(2 · " + value + ")", " * (2 * " + q.code + ")"};
  if (close(factor, q.value * q.value))
    return FactorText{"the square of " + what, " / " + q.code + " ** 2"};
  if (close(factor, 1 - q.value) && q.value < 1)
    return FactorText{"1 - " + what, " / (1 - " + q.code + ")"};
  if (close(factor, 1 / (1 - q.value)) && q.value < 1)
    return FactorText{"1/(1 - " + what + ")", " * (1 - " + q.code + ")"};
  return std::nullopt;
}

}  // namespace

Environment with_constants(Environment environment, const std::string& program) {
  using python::TokenType;
  const auto size = static_cast<std::uint32_t>(program.size());
  const std::vector<python::Token> tokens = python::tokenize(program, {0, size}, false).tokens;
  const auto text = [&](const python::Token& token) {
    return program.substr(token.span.begin, token.span.size());
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].type != TokenType::Number) continue;
    const std::string number = text(tokens[i]);
    const bool starts_line = i >= 2 && (i == 2 || tokens[i - 3].type == TokenType::Newline);
    const bool named = starts_line && tokens[i - 1].type == TokenType::Equal &&
                       tokens[i - 2].type == TokenType::Name;
    const bool literal = number.find('.') != std::string::npos;
    if (named || literal)
      environment.emplace(named ? text(tokens[i - 2]) : number,
                          std::strtod(number.c_str(), nullptr));
  }
  return environment;
}

std::string factor_name(double factor) {
  const double size = std::abs(factor);
  const std::string sign = factor < 0 ? "-" : "";
  for (int denominator = 1; denominator <= 4096; ++denominator) {
    const double numerator = size * denominator;
    if (std::abs(numerator - std::round(numerator)) > tolerance * numerator || numerator < 0.5)
      continue;
    if (denominator > 1 && std::round(numerator) > 4) break;
    return denominator == 1 ? fmt::format("{}{:g}", sign, std::round(numerator))
                            : fmt::format("{}{:g}/{}", sign, std::round(numerator), denominator);
  }
  for (int n = 2; n <= 4096; ++n) {
    if (close(size, std::sqrt(n))) return fmt::format("{}√{}", sign, n);
    if (close(size, 1 / std::sqrt(n))) return fmt::format("{}1/√{}", sign, n);
  }
  return fmt::format("{:.6g}", factor);
}

FactorText explain_factor(double factor, const Environment& environment,
                          const std::vector<std::string>& first) {
  const double size = std::abs(factor);
  if (close(size, 2)) return {"2", " / 2"};
  if (close(size, 0.5)) return {"1/2", " * 2"};
  // A size itself, before its double or its root.
  const std::vector<Quantity> known = quantities(environment, first);
  for (const bool plain : {true, false})
    for (const Quantity& quantity : known)
      if (!plain || close(size, quantity.value) || close(size, 1 / quantity.value))
        if (const auto text = from_quantity(size, quantity)) return *text;
  const std::string name = factor_name(size);
  if (name.find_first_of("√/") == std::string::npos && close(size, std::round(size)))
    return {name, " / " + name};
  if (name.rfind("1/", 0) == 0 && name.find("√") == std::string::npos)
    return {name, " * " + name.substr(2)};
  return {};
}

}  // namespace gradient_check
