#include "gradient_check/python/modules/torch/custom_function.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/variable.h>

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/klass.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

using torch::autograd::variable_list;

/// An attribute of a class or an instance, which must be there.
Value attribute_of(Interpreter& interpreter, const Value& object, const char* name) {
  return get_attribute(interpreter, object, Text(name));
}

std::vector<Value> elements_or_itself(const Value& value) {
  if (const auto* tuple = value.get_if<Tuple>()) return tuple->elements;
  return {value};
}

/// The node of a call: its backward is the class's. It may outlive the interpreter, and then
/// raises.
struct CustomBackward : torch::autograd::Node {
  CustomBackward(Interpreter& its_interpreter, Value its_class, Value its_context)
      : interpreter(its_interpreter),
        alive(its_interpreter.tensors),
        type(std::move(its_class)),
        context(std::move(its_context)) {}

  std::string name() const override { return class_name + "Backward"; }
  void release_variables() override {}

  variable_list apply(variable_list&& adjoints) override {
    const auto lives = alive.lock();
    if (!lives) throw std::runtime_error("the program of this backward has ended");
    std::vector<Value> values{context};
    for (std::size_t i = 0; i < adjoints.size(); ++i) values.push_back(adjoint(adjoints, i));
    const at::AutoGradMode mode(at::GradMode::is_enabled());
    const Value result = call(interpreter, attribute_of(interpreter, type, "backward"),
                              {values.data(), values.size()});
    return gradients(elements_or_itself(result));
  }

  Value adjoint(const variable_list& adjoints, std::size_t i) const {
    if (adjoints[i].defined()) return value_of(adjoints[i]);
    return value_of(at::zeros(output_sizes[i], output_options[i]));
  }

  /// Those of the tensor arguments, in the order of the edges.
  variable_list gradients(std::vector<Value> found) const {
    while (found.size() > arguments_are_tensors.size() && found.back().is_none()) found.pop_back();
    if (found.size() != arguments_are_tensors.size())
      raise(ErrorKind::RuntimeError,
            "function {}Backward returned an incorrect number of gradients (expected {}, got {})",
            class_name, arguments_are_tensors.size(), found.size());
    variable_list gradients;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!arguments_are_tensors[i]) continue;
      if (!found[i].is_none() && !found[i].is(Kind::tensor))
        type_error("expected Variable or None (got {})", type_name(found[i]));
      gradients.push_back(found[i].is_none() ? at::Tensor() : tensor_of(found[i]));
    }
    return gradients;
  }

  Interpreter& interpreter;
  std::weak_ptr<TensorState> alive;
  Value type, context;
  std::string class_name;
  std::vector<bool> arguments_are_tensors;
  std::vector<std::vector<std::int64_t>> output_sizes;
  std::vector<at::TensorOptions> output_options;
};

/// LibTorch's pointer to a node, which is a shared one up to 2.6 and an intrusive one in 2.14.
template <typename Node, typename... Arguments>
auto make_node(Arguments&&... arguments) {
  if constexpr (std::is_base_of_v<c10::intrusive_ptr_target, Node>)
    return c10::make_intrusive<Node>(std::forward<Arguments>(arguments)...);
  else
    return std::shared_ptr<Node>(new Node(std::forward<Arguments>(arguments)...),
                                 [](Node* node) { deleteNode(node); });
}

/// Outputs become the node's: an argument that was given back, a view of itself first.
Value with_history(const Value& output, const std::vector<Value>& arguments, const auto& node) {
  if (!output.is(Kind::tensor)) return output;
  at::Tensor tensor = tensor_of(output);
  for (const Value& argument : arguments)
    if (argument.same(output)) tensor = tensor.detach();
  node->output_sizes.push_back(tensor.sizes().vec());
  node->output_options.push_back(tensor.options());
  if (tensor.is_floating_point() || tensor.is_complex())
    torch::autograd::set_history(tensor, node);
  else
    node->add_input_metadata(tensor);
  return value_of(tensor);
}

}  // namespace

Value apply_custom_function(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("apply", "cls, ctx, arguments, /", arguments);
  const std::vector<Value> given = elements_or_itself(parameters[2]);
  variable_list tensors;
  std::vector<bool> are_tensors;
  for (const Value& argument : given) {
    are_tensors.push_back(argument.is(Kind::tensor));
    if (are_tensors.back()) tensors.push_back(tensor_of(argument));
  }
  const bool records =
      at::GradMode::is_enabled() && torch::autograd::any_variable_requires_grad(tensors);
  std::vector<Value> values{parameters[1]};
  values.insert(values.end(), given.begin(), given.end());
  Value result;
  {
    const at::AutoGradMode without_gradients(false);
    result = call(interpreter, attribute_of(interpreter, parameters[0], "_run_forward"),
                  {values.data(), values.size()});
  }
  if (!records) return result;
  const auto node = make_node<CustomBackward>(interpreter, parameters[0], parameters[1]);
  node->class_name = parameters[0].as<Class>().name;
  node->arguments_are_tensors = std::move(are_tensors);
  return guarded([&]() -> Value {
    node->set_next_edges(torch::autograd::collect_next_edges(tensors));
    if (!result.get_if<Tuple>()) return with_history(result, given, node);
    std::vector<Value> outputs;
    for (const Value& output : result.as<Tuple>().elements)
      outputs.push_back(with_history(output, given, node));
    return make<Tuple>(std::move(outputs));
  });
}

namespace {

variable_list tensors_of(const Value& list) {
  variable_list tensors;
  for (const Value& element : list.as<List>().elements) tensors.push_back(tensor_of(element));
  return tensors;
}

}  // namespace

Value autograd_grad(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters(
      "grad", "outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, /",
      arguments);
  return guarded([&]() -> Value {
    const variable_list found = torch::autograd::grad(
        tensors_of(parameters[0]), tensors_of(parameters[1]), tensors_of(parameters[2]),
        parameters[3].as_boolean(), parameters[4].as_boolean(), parameters[5].as_boolean());
    std::vector<Value> gradients;
    for (const at::Tensor& gradient : found)
      gradients.push_back(gradient.defined() ? value_of(gradient) : Value::none());
    return make<List>(interpreter.heap, std::move(gradients));
  });
}

}  // namespace gradient_check::python
