#include "gradient_check/diagnosis/tape/origin.h"

#include <ATen/ops/scalar_tensor.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/case/tensor_loader.h"
#include "gradient_check/diagnosis/tape/cause.h"
#include "gradient_check/diagnosis/tape/dependencies.h"
#include "gradient_check/diagnosis/tape/expression_text.h"
#include "gradient_check/diagnosis/tape/values.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace {

constexpr int steps_back = 12;

/// An element of a tensor that is on the tape.
struct At {
  std::size_t operation = nowhere;
  std::int64_t element = 0;
  std::string leaf;  ///< the argument's name where no operation made it
  double value = 0;
};

/// An elementwise operation on the same numbers in float64; NaN where it cannot be run.
double in_double(const Operation& operation, std::int64_t flat) {
  std::vector<c10::IValue> arguments = operation.arguments;
  try {
    for (c10::IValue& argument : arguments) {
      if (!argument.isTensor() || !argument.toTensor().defined()) continue;
      const at::Tensor& tensor = argument.toTensor();
      const std::int64_t i = broadcast_index(tensor, operation.output.sizes(), flat);
      if (i < 0) return std::nan("");
      argument = at::scalar_tensor(element(tensor, i), at::kDouble);
    }
    return element(replay(operation, arguments), 0);
  } catch (const std::exception&) {
    return std::nan("");
  }
}

/// Follows one element back through the tape.
class Explanation {
 public:
  Explanation(const TapedEvaluation& taped, at::ScalarType dtype)
      : taped_(taped), dtype_(dtype_name(dtype)) {}

  std::vector<std::string> of(std::size_t operation, std::int64_t element) {
    At at{operation, element, "", 0};
    for (int i = 0; i < steps_back && at.operation != nowhere; ++i) {
      const Operation& made_by = taped_.tape.operations[at.operation];
      if (!made_by.kept || !made_by.output.defined()) break;
      at = step(made_by, at.element);
    }
    if (at.operation == nowhere && !at.leaf.empty())
      say(fmt::format("{} is {} in the case", at.leaf, number_text(at.value)));
    return sentences_;
  }

 private:
  void say(const std::string& sentence) {
    if (std::find(sentences_.begin(), sentences_.end(), sentence) == sentences_.end())
      sentences_.push_back(sentence);
  }

  At at(const Operation& operation, const Dependency& dependency) const {
    const at::Tensor tensor = tensors_of(operation.arguments).at(dependency.operand);
    return {operation.producers.at(dependency.operand), dependency.element,
            operation.leaves.at(dependency.operand), element(tensor, dependency.element)};
  }

  std::string name(const At& at) const {
    if (at.operation == nowhere) return at.leaf;
    const Operation* made_by = &taped_.tape.operations[at.operation];
    // A view is called what it is a view of.
    while (made_by->kept && kind_of(made_by->name) == OperationKind::movement &&
           value_name(*made_by).empty() && !made_by->producers.empty() &&
           made_by->producers[0] != nowhere)
      made_by = &taped_.tape.operations[made_by->producers[0]];
    return made_by->kept ? value_name(*made_by) : "";
  }

  static std::string quoted(const std::string& text) {
    return text.empty() ? "it" : "`" + text + "`";
  }

  /// Says what there is to say of one operation's result and returns what to ask about next.
  At step(const Operation& operation, std::int64_t flat) {
    const OperationKind kind = kind_of(operation.name);
    const std::vector<Dependency> dependencies = dependencies_of(operation, flat);
    if (kind == OperationKind::movement && dependencies.size() == 1)
      return at(operation, dependencies[0]);
    if (kind == OperationKind::elementwise) return of_elementwise(operation, flat, dependencies);
    if (kind == OperationKind::reduction) return of_reduction(operation, flat, dependencies);
    return {};
  }

  At of_elementwise(const Operation& operation, std::int64_t flat,
                    const std::vector<Dependency>& dependencies) {
    const double exact = in_double(operation, flat);
    const std::string text = quoted(value_name(operation));
    double value = element(operation.output, flat);
    // One operator of the program may be two of LibTorch's: 1 - p is -p + 1.
    const bool is_part = text == text_;
    if (is_part) value = value_;
    text_ = text;
    value_ = value;
    std::vector<At> operands;
    for (const Dependency& dependency : dependencies) operands.push_back(at(operation, dependency));
    if (operands.empty()) return {};
    if (!is_part && std::isfinite(exact) && exact != value &&
        (value == 0 || std::abs(value) == 1)) {
      say(rounding(text, value, exact));
      const At& driver = driver_of(operands);
      const std::string driver_name = name(driver);
      if (!driver_name.empty())
        say(fmt::format("`{}` is {} there", driver_name, number_text(driver.value)));
      return driver_is_helper(operation) ? outside_of(driver) : At{};
    }
    const At& next = responsible(operation, operands, value);
    const std::string next_name = name(next);
    if (!next_name.empty() && quoted(next_name) != text)
      say(fmt::format("{} is {} because `{}` is {}", text, number_text(value), next_name,
                      number_text(next.value)));
    return next;
  }

  std::string rounding(const std::string& text, double value, double exact) const {
    if (value == 0)
      return fmt::format("{} underflows to 0 in {}: it is {:.2g} in float64", text, dtype_, exact);
    return fmt::format("{} rounds to {} in {}: it is {:.2g} {} {} in float64", text,
                       number_text(value), dtype_, std::abs(exact - value),
                       exact < value ? "below" : "above", number_text(value));
  }

  /// The operand that rounding swallowed, or the only one.
  static const At& driver_of(const std::vector<At>& operands) {
    return *std::min_element(operands.begin(), operands.end(), [](const At& a, const At& b) {
      return std::abs(a.value) < std::abs(b.value);
    });
  }

  static bool driver_is_helper(const Operation& operation) {
    return operation.place && operation.place->call;
  }

  /// What the helper function was given: goes back until a value that the caller made.
  At outside_of(At at) {
    for (int i = 0; i < steps_back && at.operation != nowhere; ++i) {
      const Operation& made_by = taped_.tape.operations[at.operation];
      if (!made_by.kept || !made_by.output.defined()) return {};
      if (made_by.place && !made_by.place->call) {
        const std::string text = value_name(made_by);
        if (!text.empty()) say(fmt::format("`{}` is {} there", text, number_text(at.value)));
        return {};
      }
      const std::vector<Dependency> dependencies = dependencies_of(made_by, at.element);
      if (dependencies.empty() || kind_of(made_by.name) == OperationKind::other) return {};
      at = this->at(made_by, dependencies[0]);
    }
    if (at.operation == nowhere && !at.leaf.empty())
      say(fmt::format("`{}` is {} there", at.leaf, number_text(at.value)));
    return {};
  }

  /// The operand that makes the value what it is: the zero of a product, the infinite divisor.
  static const At& responsible(const Operation& operation, const std::vector<At>& operands,
                               double value) {
    const bool multiplies = operation.name == "mul" || operation.name == "div";
    if (multiplies && value == 0)
      for (const At& operand : operands)
        if (operand.value == 0) return operand;
    if (operation.name == "div" && operands.size() > 1 && std::isinf(operands[1].value))
      return operands[1];
    const auto computed = std::find_if(operands.begin(), operands.end(), [](const At& operand) {
      return operand.operation != nowhere;
    });
    return computed == operands.end() ? operands[0] : *computed;
  }

  At of_reduction(const Operation& operation, std::int64_t flat,
                  const std::vector<Dependency>& dependencies) {
    if (dependencies.empty()) return {};
    const double value = element(operation.output, flat);
    std::vector<At> elements;
    for (const Dependency& dependency : dependencies) {
      elements.push_back(at(operation, dependency));
      if (elements.size() >= 4096) break;
    }
    const auto same = static_cast<std::size_t>(
        std::count_if(elements.begin(), elements.end(),
                      [&](const At& one) { return one.value == elements[0].value; }));
    if (same == elements.size() && elements.size() > 1) {
      say(fmt::format("{} is {}: all {} elements of `{}` there are {}",
                      quoted(value_name(operation)), number_text(value), elements.size(),
                      name(elements[0]), number_text(elements[0].value)));
      return elements[0];
    }
    for (const At& one : elements)
      if (one.value == value) return one;
    return {};
  }

  const TapedEvaluation& taped_;
  std::string dtype_, text_;  ///< `text_`, `value_`: of the expression explained last
  double value_ = 0;
  std::vector<std::string> sentences_;
};

}  // namespace

std::string value_name(const Operation& operation) {
  if (!operation.place) return "";
  const RunningPlace& place = *operation.place;
  if (const std::string variable = assigned_variable(place.place, place.text); !variable.empty())
    return variable;
  return on_one_line(place.text);
}

std::vector<std::string> explain_value(const TapedEvaluation& taped, std::size_t operation,
                                       std::int64_t element, at::ScalarType dtype) {
  return Explanation(taped, dtype).of(operation, element);
}

}  // namespace gradient_check
