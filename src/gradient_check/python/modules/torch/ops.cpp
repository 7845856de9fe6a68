#include "gradient_check/python/modules/torch/ops.h"

#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/raised.h"
#include "gradient_check/python/runtime/tensor/operator_call.h"

namespace gradient_check::python {
namespace {

struct OperatorNamespace : Opaque {
  explicit OperatorNamespace(std::string its_name) : name(std::move(its_name)) {}
  const char* type_name() const override { return "_OpNamespace"; }
  Value attribute(Interpreter&, const Text& member) override {
    const std::string full = name + "::" + member.text;
    if (const OperatorSet* operators = find_operator(full))
      return Value(new TensorFunction(*operators, false));
    if (name == "aten")
      raise(ErrorKind::AttributeError, "{} may not be used in a program", member.text);
    raise(ErrorKind::AttributeError,
          "torch.ops.{}.{} needs its library: --load LIBRARY.so on the command line", name,
          member.text);
  }
  const std::string name;
};

struct OperatorNamespaces : Opaque {
  const char* type_name() const override { return "_Ops"; }
  Value attribute(Interpreter&, const Text& name) override {
    return Value(new OperatorNamespace(name.text));
  }
};

}  // namespace

Value make_operator_namespaces() { return Value(new OperatorNamespaces); }

}  // namespace gradient_check::python
