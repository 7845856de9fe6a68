#include "gradient_check/python/runtime/tensor/operator_call.h"

#include <ATen/core/stack.h>

#include <algorithm>

#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/tensor/argument_check.h"
#include "gradient_check/python/runtime/tensor/convert.h"
#include "gradient_check/python/runtime/tensor/random_draw.h"
#include "gradient_check/python/runtime/tensor/without_autograd.h"

namespace gradient_check::python {
namespace {

using Stack = torch::jit::Stack;

/// Whether `given` names the parameter. As PyTorch: `input` is self of functions, and numpy's names
/// of arguments are taken (python_arg_parser.cpp, numpy_compatibility_arg_names).
bool names(const std::string& given, const OperatorParameter& parameter, bool is_method) {
  if (given == parameter.name) return given != "self" || is_method;
  if (parameter.name == "self") return given == "input" || given == "x" || given == "a";
  if (parameter.name == "dim") return given == "axis";
  if (parameter.name == "keepdim") return given == "keepdims";
  if (parameter.name == "other") return given == "x2";
  return false;
}

/// Tries one overload after the other.
class OverloadMatcher {
 public:
  OverloadMatcher(Interpreter& interpreter, const OperatorSet& operators, bool is_method,
                  const Arguments& arguments)
      : interpreter_(interpreter),
        operators_(operators),
        is_method_(is_method),
        arguments_(arguments) {}

  /// The overload that takes the arguments, with its stack; null if none does.
  const Overload* find(Stack& stack) {
    for (const bool numbers : {false, true}) {
      if (numbers && !operators_.takes_numbers_as_tensors) break;
      for (const Overload& overload : operators_.overloads)
        if (fits(overload, stack, numbers)) return &overload;
    }
    return nullptr;
  }
  bool requires_grad() const { return requires_grad_; }

 private:
  bool fits(const Overload& overload, Stack& stack, bool numbers) {
    stack.clear();
    requires_grad_ = false;
    std::size_t positional = arguments_.positional();
    const std::size_t self = is_method_ ? 1 : 0;
    Value packed;
    // x.view(2, 3): ints by position stand for the only parameter, a list of them.
    const bool packs = overload.by_position == self + 1 &&
                       overload.parameters[self].type == ParameterType::integers &&
                       positional > self && all_integers(self, positional);
    if (packs) {
      packed =
          make<Tuple>(std::vector<Value>(arguments_.values + self, arguments_.values + positional));
      positional = self + 1;
    }
    if (positional > overload.by_position) return false;
    std::size_t used = positional;
    for (std::size_t i = 0; i < overload.parameters.size(); ++i) {
      const OperatorParameter& parameter = overload.parameters[i];
      const Value* given = i < positional ? (packs && i == self ? &packed : &arguments_[i])
                                          : find_keyword(parameter);
      if (given && i >= positional) ++used;
      if (!push(parameter, given, stack, numbers && i > 0)) return false;
    }
    return used + keyword_requires_grad(overload) == positional + arguments_.keywords;
  }

  bool push(const OperatorParameter& parameter, const Value* given, Stack& stack, bool numbers) {
    if (!given) {
      if (!parameter.default_value) return false;
      stack.push_back(*parameter.default_value);
      return true;
    }
    auto argument = to_argument(interpreter_, *given, parameter, numbers);
    if (!argument) return false;
    stack.push_back(std::move(*argument));
    return true;
  }

  bool all_integers(std::size_t from, std::size_t to) const {
    return std::all_of(arguments_.values + from, arguments_.values + to, [](const Value& value) {
      return value.is(Kind::integer) ||
             ((value.is(Kind::tensor) || value.is(Kind::opaque)) && to_scalar(value));
    });
  }
  const Value* find_keyword(const OperatorParameter& parameter) const {
    for (std::size_t k = 0; k < arguments_.keywords; ++k)
      if (names(arguments_.name(k), parameter, is_method_)) return &arguments_.named(k);
    return nullptr;
  }
  /// requires_grad= of functions that make tensors is Python's own: counts as used.
  std::size_t keyword_requires_grad(const Overload& overload) {
    if (overload.makes_tensor)
      for (std::size_t k = 0; k < arguments_.keywords; ++k)
        if (arguments_.name(k) == "requires_grad") {
          requires_grad_ = arguments_.named(k).as_boolean();
          return 1;
        }
    return 0;
  }

  Interpreter& interpreter_;
  const OperatorSet& operators_;
  const bool is_method_;
  const Arguments& arguments_;
  bool requires_grad_ = false;
};

[[noreturn]] void raise_no_overload(const OperatorSet& operators, const Arguments& arguments,
                                    bool is_method) {
  std::string given;
  for (std::size_t i = is_method ? 1 : 0; i < arguments.count; ++i) {
    if (!given.empty()) given += ", ";
    if (i >= arguments.positional()) given += arguments.name(i - arguments.positional()) + "=";
    given += type_name(arguments[i]);
  }
  std::string expected;
  for (const Overload& overload : operators.overloads) {
    expected += "\n * (";
    for (std::size_t i = is_method ? 1 : 0; i < overload.parameters.size(); ++i) {
      const auto& argument = overload.handle.schema().arguments()[i];
      if (i > (is_method ? 1u : 0u)) expected += ", ";
      expected +=
          argument.type()->str() + " " + (argument.name() == "self" ? "input" : argument.name());
    }
    expected += ")";
  }
  type_error("{}() received an invalid combination of arguments - got ({}), but expected one of:{}",
             operators.name, given, expected);
}

Value result_of(const Overload& overload, const Stack& stack) {
  if (overload.gives_dtype) return Value::dtype(static_cast<int>(stack[0].toInt()));
  if (stack.size() == 1) return from_result(stack[0]);
  std::vector<Value> values;
  for (const c10::IValue& value : stack) values.push_back(from_result(value));
  return make<Tuple>(std::move(values), overload.fields ? &*overload.fields : nullptr);
}

bool any_records_gradient(const Stack& stack) {
  return std::any_of(stack.begin(), stack.end(), [](const c10::IValue& value) {
    return value.isTensor() ? value.toTensor().defined() && records_gradient(value.toTensor())
                            : value.isList();
  });
}

/// sum(), exp(x) and the like without boxing; unset where the call is none of these.
Value call_plainly(const OperatorSet& operators, const Arguments& arguments) {
  const Overload& first = operators.overloads.front();
  if (first.is_unary && arguments.count == 1 && arguments.keywords == 0 &&
      arguments[0].is(Kind::tensor)) {
    const at::Tensor x = tensor_of(arguments[0]);
    const WithoutAutograd guard(first.is_functional && !records_gradient(x));
    return value_of(first.handle.typed<at::Tensor(const at::Tensor&)>().call(x));
  }
  return {};
}

}  // namespace

Value call_operator(Interpreter& interpreter, const OperatorSet& operators, bool is_method,
                    const Arguments& arguments) {
  return guarded([&]() -> Value {
    Value plain = call_plainly(operators, arguments);
    if (plain.is_set()) return plain;
    Stack stack;
    OverloadMatcher matcher(interpreter, operators, is_method, arguments);
    const Overload* overload = matcher.find(stack);
    if (!overload) raise_no_overload(operators, arguments, is_method);
    check_arguments(operators, *overload, stack);
    {
      const WithoutAutograd guard(overload->is_functional && !any_records_gradient(stack));
      if (interpreter.widened.bytes != 0 && draws_numbers(operators.name))
        draw_widened(*overload, stack);
      else
        overload->handle.callBoxed(&stack);
    }
    if (matcher.requires_grad()) stack.at(0).toTensor().requires_grad_(true);
    return result_of(*overload, stack);
  });
}

Value TensorFunction::call(Interpreter& interpreter, const Arguments& arguments) {
  return call_operator(interpreter, operators, is_method, arguments);
}

Value TensorFunction::attribute(Interpreter&, const Text& name) {
  return name.text == "__name__" ? Value::string(operators.name) : Value();
}

}  // namespace gradient_check::python
