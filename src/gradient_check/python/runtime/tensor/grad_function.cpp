#include "gradient_check/python/runtime/tensor/grad_function.h"

#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

/// grad_fn.name()
struct NodeName : Opaque {
  explicit NodeName(std::string its_name) : name(std::move(its_name)) {}
  const char* type_name() const override { return "builtin_function_or_method"; }
  Value call(Interpreter&, const Arguments&) override { return Value::string(name); }
  const std::string name;
};

}  // namespace

Value GradFunction::attribute(Interpreter&, const Text& name) {
  if (name.text == "name") return make<NodeName>(node->name());
  if (name.text != "next_functions") return {};
  std::vector<Value> edges;
  for (const auto& edge : node->next_edges())
    edges.push_back(make<Tuple>(
        std::vector<Value>{edge.function ? Value(make<GradFunction>(edge.function)) : Value::none(),
                           Value::integer(edge.input_nr)}));
  return make<Tuple>(std::move(edges));
}

}  // namespace gradient_check::python
