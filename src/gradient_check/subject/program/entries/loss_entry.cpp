#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/syntax/children.h"
#include "gradient_check/subject/program/entries/bound_gradients.h"
#include "gradient_check/subject/program/entries/entry_kind.h"
#include "gradient_check/subject/program/entries/gradient_name.h"
#include "gradient_check/subject/program/entries/program_object.h"
#include "gradient_check/subject/program/entries/value_candidates.h"
#include "gradient_check/subject/program/forward_of_step.h"
#include "gradient_check/subject/program/written_gradients.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

/// A function, or a method, that returns a scalar with its gradients.
class LossEntry : public Entry {
 public:
  LossEntry(const Case& loaded, EvaluatedProgram& program, std::string name)
      : Entry(loaded, program), name_(std::move(name)) {
    const std::size_t dot = name_.find('.');
    run_only({name_.substr(0, dot)});
    const Value function = function_behind(program_.variable(name_));
    if (!function.is_set()) fail(name_, fmt::format("{} is no function", name_));
    const bool is_method = dot != std::string::npos;
    if (is_method) object_.emplace(case_, program_, name_.substr(0, dot));
    arguments_ = {program_, case_, function, is_method ? 1U : 0U};
  }

  std::vector<std::string> missing() const override {
    std::vector<std::string> names = object_ ? object_->missing() : std::vector<std::string>{};
    for (std::string& name : arguments_.missing(point())) names.push_back(std::move(name));
    // loss(X, y=None): without y it gives scores.
    for (const std::string& name : arguments_.names())
      if (is_target_name(name) && !arguments_.needs(name) && !arguments_.is_set(name) &&
          !point().contains(name))
        names.push_back(name);
    return names;
  }

  void run_first() override {
    if (object_) {
      const NamedTensors found =
          object_->parameters(point(), [this](const Value& object, const NamedTensors& values) {
            return std::vector{loss_of(called(object, values))};
          });
      for (const auto& [name, tensor] : found)
        if (!parameters_.contains(name)) parameters_.set(name, tensor);
    }
    forward(point());
  }

  std::vector<at::Tensor> forward(const NamedTensors& values) const override {
    program_.reseed();
    return program_.guarded([&] { return std::vector{loss_of(called(made(values), values))}; });
  }

  bool takes_grad_output() const override { return false; }

  ManualOutputs manual(const NamedTensors& values, const at::Tensor&) const override {
    program_.reseed();
    return program_.guarded([&] {
      const Value object = made(values);
      const Value result = called(object, values);
      const auto& elements = result.as<python::Tuple>().elements;
      ManualOutputs found{{loss_of(result)}, {}};
      const Value rest = elements.size() == 2 ? elements[1]
                                              : python::make<python::Tuple>(std::vector<Value>(
                                                    elements.begin() + 1, elements.end()));
      try {
        found.gradients = bound_gradients(rest, case_.program->options.gradients, targets());
      } catch (const std::invalid_argument& what) {
        fail(name_, fmt::format("{} returns a scalar with {}", name_, what.what()));
      }
      if (object_) object_->add_left_gradients(object, parameters_, values, found.gradients);
      return found;
    });
  }

  std::string forward_name() const override { return name_; }
  std::string manual_name() const override { return name_; }

  std::optional<Place> gradient_place(const std::string& name) const override {
    const std::vector<std::string> names = targets().tensors;
    for (const auto& [key, span] : written_gradients(program_.tree(), name_))
      if (const std::string* tensor = tensor_of_gradient(key, names); tensor && *tensor == name)
        return program_.place_of(span);
    const auto parts = written_parts(program_.tree(), name_);
    const auto variables = written_names(program_.tree(), name_);
    for (std::size_t i = 1; i < parts.size() && i < variables.size(); ++i)
      if (const std::string* tensor = tensor_of_gradient(variables[i], names);
          tensor && *tensor == name)
        return program_.place_of(parts[i]);
    return program_.definition_place(name_);
  }

 private:
  Value made(const NamedTensors& values) const { return object_ ? object_->make(values) : Value(); }

  Value called(const Value& object, const NamedTensors& values) const {
    BoundArguments arguments = arguments_.bound(values);
    const Value callee = object_ ? object_->method(object, name_.substr(name_.find('.') + 1))
                                 : program_.running().variable(name_);
    return python::call(program_.running().interpreter(), callee, arguments.arguments());
  }

  at::Tensor loss_of(const Value& result) const {
    const auto* tuple = result.get_if<python::Tuple>();
    const at::Tensor loss = tuple && tuple->elements.size() > 1
                                ? EvaluatedProgram::tensor_in(tuple->elements[0])
                                : at::Tensor();
    if (loss.defined() && loss.numel() == 1) return loss;
    fail(name_, fmt::format("{} must return a scalar with its gradients, (loss, gradients), "
                            "found {}",
                            name_, EvaluatedProgram::type_of(result)));
  }

  GradientTargets targets() const {
    GradientTargets targets;
    targets.arguments = arguments_.names();
    const auto variables = written_names(program_.tree(), name_);
    if (variables.size() > 1) targets.returned = {variables.begin() + 1, variables.end()};
    for (const auto* tensors : {&parameters_, &inputs_})
      for (const auto& [name, tensor] : *tensors)
        if (tensor.is_floating_point() || tensor.is_complex()) targets.tensors.push_back(name);
    return targets;
  }

  std::string name_;
  CallArguments arguments_;
  std::optional<ProgramObject> object_;  ///< of a method
};

bool contains_any(const std::string& text, std::initializer_list<const char*> words) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return lower.find(word) != std::string::npos; });
}

/// return loss, grads
bool returns_loss_and_gradients(const ast::Expression& returned) {
  const auto* tuple = returned.as<ast::Tuple>();
  if (!tuple || tuple->elts.size() < 2) return false;
  const auto* first = tuple->elts[0]->as<ast::Name>();
  if (!first || !contains_any(first->id, {"loss", "cost", "nll", "energy", "objective"}))
    return false;
  return std::all_of(tuple->elts.begin() + 1, tuple->elts.end(), [](const auto& element) {
    const auto* name = element->template as<ast::Name>();
    return element->template as<ast::Dict>() ||
           (name && (contains_any(name->id, {"grad"}) ||
                     (name->id.size() > 1 && name->id[0] == 'd' && says_cotangent(name->id))));
  });
}

bool is_loss(const ast::StatementPtr& function) {
  bool found = false;
  ast::for_each_node(function, [&](const auto& node) {
    if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::StatementPtr>) {
      const auto* returned = node->template as<ast::Return>();
      found |= returned && returned->value && returns_loss_and_gradients(*returned->value);
    }
  });
  return found;
}

std::vector<std::string> losses_in(const ast::Module& program) {
  std::vector<std::string> names;
  for (const ast::StatementPtr& statement : program.body) {
    if (const auto* function = statement->as<ast::FunctionDef>())
      if (is_loss(statement)) names.push_back(function->name);
    const auto* klass = statement->as<ast::ClassDef>();
    if (!klass) continue;
    for (const ast::StatementPtr& inner : klass->body)
      if (const auto* method = inner->as<ast::FunctionDef>(); method && is_loss(inner))
        names.push_back(klass->name + "." + method->name);
  }
  return names;
}

std::unique_ptr<Entry> make_loss_entry(const Case& loaded, EvaluatedProgram& program,
                                       const std::string& name) {
  return std::make_unique<LossEntry>(loaded, program, name);
}

}  // namespace

const EntryKind loss_entry{"a function that returns a scalar with its gradients", false, losses_in,
                           make_loss_entry};

}  // namespace gradient_check
