#include <fmt/format.h>

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/subject/program/entries/class_names.h"
#include "gradient_check/subject/program/entries/entry_kind.h"
#include "gradient_check/subject/program/entries/gradient_name.h"
#include "gradient_check/subject/program/entries/paired_entry.h"
#include "gradient_check/subject/program/entries/program_object.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

/// A class with methods forward, or __call__, and backward.
class ClassEntry : public PairedEntry {
 public:
  ClassEntry(const Case& loaded, EvaluatedProgram& program, const ProgramClass& klass)
      : PairedEntry(loaded, program),
        name_(klass.name),
        forward_(klass.has("forward") ? "forward" : "__call__"),
        object_(case_, sliced(), name_) {
    forward_arguments_ = {program_, case_, function(forward_name()), 1};
    backward_arguments_ = {program_, case_, function(manual_name()), 1};
  }

  std::vector<std::string> missing() const override {
    std::vector<std::string> names = object_.missing();
    for (std::string& name : forward_arguments_.missing(point())) names.push_back(std::move(name));
    return names;
  }
  std::string forward_name() const override { return name_ + "." + forward_; }
  std::string manual_name() const override { return name_ + ".backward"; }

 protected:
  Value receiver(const NamedTensors& values) const override { return object_.make(values); }
  Value call_forward(const Value& object, const NamedTensors& values) const override {
    BoundArguments arguments = forward_arguments_.bound(values);
    return python::call(program_.running().interpreter(), object_.method(object, forward_),
                        arguments.arguments());
  }
  Value call_backward(const Value& object, const NamedTensors& values,
                      const ValuesByName& others) const override {
    ValuesByName all = others;
    for (const std::string& name : backward_arguments_.names())
      if (is_learning_rate(name) && !backward_arguments_.is_set(name)) all[name] = Value::real(1);
    BoundArguments arguments = backward_arguments_.bound(values, all);
    return python::call(program_.running().interpreter(), object_.method(object, "backward"),
                        arguments.arguments());
  }
  void add_left_gradients(const Value& object, const NamedTensors& values,
                          NamedTensors& gradients) const override {
    object_.add_left_gradients(object, parameters_, values, gradients);
  }

  void look_at(const Value&) override {
    const NamedTensors found =
        object_.parameters(point(), [this](const Value& object, const NamedTensors& values) {
          return outputs_of(object, call_forward(object, values));
        });
    for (const auto& [name, tensor] : found)
      if (!parameters_.contains(name)) parameters_.set(name, tensor);
  }

 private:
  EvaluatedProgram& sliced() {
    run_only({name_});
    return program_;
  }
  Value function(const std::string& name) const {
    const Value found = function_behind(program_.variable(name));
    if (!found.is_set()) fail(name, fmt::format("{} is no method of the program itself", name));
    return found;
  }

  std::string name_, forward_;
  ProgramObject object_;
};

std::vector<std::string> layer_classes_in(const ast::Module& program) {
  std::vector<std::string> names;
  for (const ProgramClass& klass : classes_of(program))
    if (!klass.is_function && klass.has("backward") &&
        (klass.has("forward") || klass.has("__call__")))
      names.push_back(klass.name);
  return names;
}

std::unique_ptr<Entry> make_class_entry(const Case& loaded, EvaluatedProgram& program,
                                        const std::string& name) {
  for (const ProgramClass& klass : classes_of(program.tree()))
    if (klass.name == name) return std::make_unique<ClassEntry>(loaded, program, klass);
  return nullptr;
}

}  // namespace

const EntryKind class_entry{"a class with forward and backward", false, layer_classes_in,
                            make_class_entry};

}  // namespace gradient_check
