#include <fmt/format.h>

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"
#include "gradient_check/subject/program/entries/class_names.h"
#include "gradient_check/subject/program/entries/entry_kind.h"
#include "gradient_check/subject/program/entries/paired_entry.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

/// A class derived from torch.autograd.Function: its forward is called as a function, so that
/// LibTorch differentiates through what is inside.
class FunctionClassEntry : public PairedEntry {
 public:
  FunctionClassEntry(const Case& loaded, EvaluatedProgram& program, std::string name)
      : PairedEntry(loaded, program), name_(std::move(name)) {
    run_only({name_, "torch"});
    const bool sets_up = !program_.variable(name_ + ".setup_context").is_none();
    forward_arguments_ = {program_, case_, method("forward"), sets_up ? 0U : 1U};
    backward_arguments_ = {program_, case_, method("backward"), 1};
  }

  std::vector<std::string> missing() const override { return forward_arguments_.missing(point()); }
  std::string forward_name() const override { return name_ + ".forward"; }
  std::string manual_name() const override { return name_ + ".backward"; }

 protected:
  Value receiver(const NamedTensors& values) const override {
    std::vector<Value> wanted;
    for (const std::string& argument : forward_arguments_.names()) {
      const at::Tensor* tensor = values.find(argument);
      wanted.push_back(
          Value::boolean(tensor && (tensor->is_floating_point() || tensor->is_complex())));
    }
    python::Interpreter& interpreter = this->interpreter();
    const Value type = interpreter.import_module("torch.autograd")->get(interpreter, "_Context");
    const Value ctx = python::call(interpreter, type, {python::make<python::Tuple>(wanted)});
    set(ctx, "needs_input_grad", python::make<python::Tuple>(std::move(wanted)));
    return ctx;
  }

  Value call_forward(const Value& ctx, const NamedTensors& values) const override {
    BoundArguments arguments = forward_arguments_.bound(values, {}, {ctx});
    return python::call(interpreter(), attribute("_run_forward"), arguments.arguments());
  }

  Value call_backward(const Value& ctx, const NamedTensors&,
                      const ValuesByName& others) const override {
    std::vector<Value> values{ctx};
    for (const std::string& name : backward_arguments_.names())
      if (const auto found = others.find(name); found != others.end())
        values.push_back(found->second);
    return python::call(interpreter(), attribute("backward"), {values.data(), values.size()});
  }

  bool is_constant(const Value& ctx, const at::Tensor& output) const override {
    const python::Text name("_non_differentiable");
    const Value marked = python::get_attribute(interpreter(), ctx, name);
    const auto* tuple = marked.get_if<python::Tuple>();
    if (!tuple) return false;
    for (const Value& each : tuple->elements)
      if (each.is(python::Kind::tensor) && python::tensor_of(each).is_same(output)) return true;
    return false;
  }

 private:
  python::Interpreter& interpreter() const { return program_.running().interpreter(); }
  void set(const Value& object, const char* name, Value value) const {
    const auto text = python::make<python::Text>(name);
    python::set_attribute(interpreter(), object, *text, std::move(value));
  }
  Value attribute(const char* name) const {
    const auto text = python::make<python::Text>(name);
    return python::get_attribute(interpreter(), program_.running().variable(name_), *text);
  }
  Value method(const std::string& method) const {
    const std::string whole = name_ + "." + method;
    const Value found = function_behind(program_.variable(whole));
    if (!found.is_set()) fail(whole, fmt::format("{} is no function of the program itself", whole));
    return found;
  }

  std::string name_;
};

std::vector<std::string> function_classes_in(const ast::Module& program) {
  std::vector<std::string> names;
  for (const ProgramClass& klass : classes_of(program))
    if (klass.is_function && klass.has("forward") && klass.has("backward"))
      names.push_back(klass.name);
  return names;
}

std::unique_ptr<Entry> make_function_class_entry(const Case& loaded, EvaluatedProgram& program,
                                                 const std::string& name) {
  return std::make_unique<FunctionClassEntry>(loaded, program, name);
}

}  // namespace

const EntryKind function_class_entry{"a class derived from torch.autograd.Function", false,
                                     function_classes_in, make_function_class_entry};

}  // namespace gradient_check
