#include "gradient_check/subject/program/program_subject.h"

#include <fmt/format.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "gradient_check/case/suggest.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/argument_names.h"
#include "gradient_check/subject/program/compiled_program.h"
#include "gradient_check/subject/program/cotangent_arguments.h"
#include "gradient_check/subject/program/evaluated_subject.h"
#include "gradient_check/subject/program/program_outputs.h"
#include "gradient_check/subject/program/running_place.h"

namespace gradient_check {
namespace {

constexpr const char* tangent_suffix = "_tangent";  ///< of an argument of hvp and jvp

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Where each entry of the returned dictionary is computed, by key; "" is the dictionary itself.
std::map<std::string, Place> gradient_places(const CompiledProgram& program,
                                             const torch::jit::Graph& graph) {
  std::map<std::string, Place> places;
  const auto note = [&](const torch::jit::Value* key, const torch::jit::Value* value,
                        const torch::jit::Node& writer) {
    const auto name = torch::jit::toIValue(key);
    if (!name || !name->isString()) return;
    auto place = program.place_of(*value->node());
    // An operator of LibTorch's own making (2 * y) has no place; its key in the dictionary does.
    if (!place) place = program.place_of(*key->node());
    if (!place) place = program.place_of(writer);
    if (place) places[name->toStringRef()] = *place;
  };
  for (const torch::jit::Node* node : graph.nodes()) {
    const std::string kind = node->kind().toQualString();
    if (kind == "prim::DictConstruct")
      for (std::size_t i = 0; i + 1 < node->inputs().size(); i += 2)
        note(node->inputs()[i], node->inputs()[i + 1], *node);
    if (kind == "aten::_set_item" && node->inputs().size() == 3)
      note(node->inputs()[1], node->inputs()[2], *node);
  }
  return places;
}

class ProgramSubject : public Subject {
 public:
  explicit ProgramSubject(const Case& loaded)
      : program_(read_python_source(loaded.program->label, loaded.program->text)),
        parameters_(loaded.parameters),
        inputs_(loaded.inputs),
        case_(loaded) {
    const bool is_step = program_.has("step");
    if (is_step && program_.has("forward"))
      fail("step", "a program has either 'step', or 'forward' and 'backward', found both");
    if (!is_step && !program_.has("forward"))
      fail("", fmt::format("a program needs a function 'step', or 'forward' and 'backward'{}",
                           suggest_function()));
    if (is_step && program_.has("backward"))
      fail("backward", "'step' holds its own backward; rename this function, or the other");
    forward_name_ = is_step ? "step" : "forward";
    forward_.emplace(is_step ? program_.first_result_of(forward_name_)
                             : program_.function(forward_name_));
    manual_name_ = is_step ? "step" : program_.has("backward") ? "backward" : "";
    if (!manual_name_.empty()) manual_.emplace(program_.function(manual_name_));
    expect_bound(*forward_, forward_name_);
    for (const auto& [name, function] : {std::pair{"hvp", &hvp_}, std::pair{"jvp", &jvp_}})
      if (program_.has(name)) {
        function->emplace(program_.function(name));
      }
    if (jvp_) expect_bound(*jvp_, "jvp");
    expect_derivative_types();
    if (manual_) {
      if (is_step) expect_bound(*manual_, manual_name_);
      expect_dictionary();
      places_ = gradient_places(program_, manual_->graph());
    }
    look_at_outputs();
    if (manual_) manual_cotangents_ = cotangents_of(*manual_, manual_name_);
    if (hvp_) hvp_cotangents_ = cotangents_of(*hvp_, "hvp");
  }

  const NamedTensors& parameters() const override { return parameters_; }
  const NamedTensors& inputs() const override { return inputs_; }

  at::Tensor forward(const NamedTensors& values) const override {
    return outputs_.joined(forward_->run(values, no_cotangent_).at(0));
  }
  std::optional<std::string> why_not_differentiable() const override {
    return outputs_.outputs().complaint();
  }

  bool has_manual() const override { return manual_.has_value(); }
  bool takes_grad_output() const override { return manual_cotangents_.any(); }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    // Before the backward, which may change the values it is given.
    at::Tensor output;
    if (manual_name_ == "backward") output = forward(values).clone();
    const c10::IValue result = manual_->run(values, manual_cotangents_.bound(grad_output)).at(0);
    if (manual_name_ == "backward") return {output, to_gradients(result)};
    const auto& elements = result.toTupleRef().elements();
    return {elements[0].toTensor(), to_gradients(elements[1])};
  }

  bool pure() const override {
    if (!pure_) pure_ = forward_->pure() && (!manual_ || manual_->pure());
    return *pure_;
  }
  std::optional<Place> gradient_place(const std::string& name) const override {
    if (const auto found = places_.find(name); found != places_.end()) return found->second;
    if (manual_name_.empty()) return std::nullopt;
    return program_.definition_place(manual_name_);
  }
  const StepwiseProgram* stepwise() const override { return nullptr; }
  std::optional<Place> write_place(const std::string& name) const override {
    for (const auto* function : {&manual_, &forward_})
      if (*function)
        if (const torch::jit::Node* node = (*function)->first_write_to(name))
          return program_.place_of(*node);
    return std::nullopt;
  }
  const std::string* program_text() const override { return &case_.program->text; }
  std::unique_ptr<Subject> with_program_text(const std::string& text) const override {
    Case changed = case_;
    changed.program->text = text;
    return make_program_subject(changed);
  }
  std::unique_ptr<Subject> condensed() const override {
    auto same = std::make_unique<ProgramSubject>(case_);
    CompiledFunction forward = same->forward_->condensed();
    same->forward_.emplace(std::move(forward));
    if (!manual_) return same;
    CompiledFunction manual = same->manual_->condensed();
    same->manual_.emplace(std::move(manual));
    return same;
  }
  std::optional<RunningPlace> running_place() const override {
    return running_place_in(program_.source());
  }
  bool has_hvp() const override { return hvp_.has_value(); }
  NamedTensors hvp(const NamedTensors& values, const NamedTensors& tangents,
                   const at::Tensor& grad_output) const override {
    return to_gradients(
        hvp_->run(with_tangents(values, tangents), hvp_cotangents_.bound(grad_output)).at(0));
  }
  bool has_jvp() const override { return jvp_.has_value(); }
  at::Tensor jvp(const NamedTensors& values, const NamedTensors& tangents) const override {
    return outputs_.joined(jvp_->run(with_tangents(values, tangents)).at(0));
  }
  bool takes_tangent(const std::string& function, const std::string& name) const override {
    const auto& derivative = function == "hvp" ? hvp_ : jvp_;
    return !derivative || derivative->takes(name + tangent_suffix);
  }
  std::optional<Place> function_place(const std::string& function) const override {
    return program_.definition_place(function);
  }
  std::optional<Place> forward_place() const override {
    const torch::jit::Node* node = forward_->graph().outputs().at(0)->node();
    if (auto place = program_.place_of(*node)) return place;
    return program_.definition_place(forward_name_);
  }

 private:
  [[noreturn]] void fail(const std::string& function, const std::string& message) const {
    throw SubjectError(program_.definition_place(function), message);
  }

  std::string suggest_function() const {
    const std::vector<std::string> names = program_.function_names();
    for (const std::string& name : names)
      for (const char* wanted : {"step", "forward", "backward"})
        if (suggest(name, {wanted}).find("did you mean") != std::string::npos)
          return fmt::format("; it has '{}' (did you mean '{}'?)", name, wanted);
    return "";
  }

  /// The names that the case gives values.
  std::vector<std::string> given_names(bool with_tangents) const {
    std::vector<std::string> names;
    for (const auto* tensors : {&inputs_, &parameters_})
      for (const auto& [key, tensor] : *tensors) {
        names.push_back(key);
        if (with_tangents) names.push_back(key + tangent_suffix);
      }
    return names;
  }

  /// Every argument must be an input, a parameter, or the cotangent.
  void expect_bound(const CompiledFunction& function, const std::string& name) const {
    try {
      expect_given(name, function.required_arguments(), given_names(name == "jvp"));
    } catch (const std::invalid_argument& error) {
      fail(name, error.what());
    }
  }

  static CotangentArguments::Argument declared(const CompiledFunction& function,
                                               const std::string& name) {
    const c10::TypePtr type = function.type_of(name);
    const auto tuple = type->cast<c10::TupleType>();
    const bool list = type->kind() == c10::TypeKind::ListType;
    using Form = CotangentArguments::Form;
    return {name,
            tuple  ? Form::tuple
            : list ? Form::list
                   : Form::each,
            tuple ? tuple->elements().size() : 1, type->annotation_str()};
  }

  /// What takes the cotangents of the outputs: what is neither input nor parameter.
  CotangentArguments cotangents_of(const CompiledFunction& function,
                                   const std::string& name) const {
    std::vector<std::string> arguments = function.required_arguments();
    if (function.takes(cotangent_argument) && !contains(arguments, cotangent_argument))
      arguments.emplace_back(cotangent_argument);
    try {
      std::vector<CotangentArguments::Argument> free;
      for (const std::string& argument :
           taking_cotangents(name, arguments, given_names(name == "hvp")))
        free.push_back(declared(function, argument));
      return {name, free, outputs_};
    } catch (const std::invalid_argument& error) {
      fail(name, error.what());
    }
  }

  void look_at_outputs() {
    const c10::TypePtr type = forward_->graph().outputs().at(0)->type();
    const bool is_step = forward_name_ == "step";
    if (!ProgramOutputs::are_tensors(type) ||
        (is_step && type->kind() != c10::TypeKind::TensorType))
      fail(forward_name_, fmt::format("{} must return {}, found {}", forward_name_,
                                      is_step ? "(loss, {\"name\": gradient})"
                                              : "a tensor, or several as a tuple or a list",
                                      type->annotation_str()));
    NamedTensors point = inputs_;
    for (const auto& [name, tensor] : parameters_) point.set(name, tensor);
    const EvaluationScope scope(case_.dtype, true);
    outputs_ = ProgramOutputs(*forward_, point);
  }

  static bool is_gradients(const c10::TypePtr& candidate) {
    const auto dict = candidate->cast<c10::DictType>();
    return dict && dict->getKeyType()->kind() == c10::TypeKind::StringType &&
           dict->getValueType()->kind() == c10::TypeKind::TensorType;
  }

  void expect_derivative_types() const {
    const auto result = [](const std::optional<CompiledFunction>& function) {
      return function->graph().outputs().at(0)->type();
    };
    if (hvp_ && !is_gradients(result(hvp_)))
      fail("hvp", fmt::format("hvp must return a dictionary {{\"name\": H v}}, found {}",
                              result(hvp_)->annotation_str()));
    const auto is_one = [&](const std::optional<CompiledFunction>& function) {
      return result(function)->kind() == c10::TypeKind::TensorType;
    };
    if (jvp_ && !(ProgramOutputs::are_tensors(result(jvp_)) && is_one(jvp_) == is_one(forward_)))
      fail("jvp", fmt::format("jvp must return a tensor of each output's shape, found {}",
                              result(jvp_)->annotation_str()));
  }

  static NamedTensors with_tangents(const NamedTensors& values, const NamedTensors& tangents) {
    NamedTensors arguments = values;
    for (const auto& [name, tangent] : tangents) arguments.set(name + tangent_suffix, tangent);
    return arguments;
  }

  void expect_dictionary() const {
    const c10::TypePtr type = manual_->graph().outputs().at(0)->type();
    if (manual_name_ == "backward") {
      if (!is_gradients(type))
        fail("backward", fmt::format("backward must return a dictionary {{\"name\": gradient}}, "
                                     "found {}",
                                     type->annotation_str()));
      return;
    }
    const auto tuple = type->cast<c10::TupleType>();
    if (!tuple || tuple->elements().size() != 2 ||
        tuple->elements()[0]->kind() != c10::TypeKind::TensorType ||
        !is_gradients(tuple->elements()[1]))
      fail("step", fmt::format("step must return (loss, {{\"name\": gradient}}), found {}{}",
                               type->annotation_str(),
                               tuple && tuple->elements().size() > 2
                                   ? "; for several outputs write forward, which returns them, and "
                                     "backward, which takes the cotangent of each"
                                   : ""));
  }

  static NamedTensors to_gradients(const c10::IValue& dictionary) {
    NamedTensors gradients;
    for (const auto& entry : dictionary.toGenericDict())
      gradients.set(entry.key().toStringRef(), entry.value().toTensor());
    return gradients;
  }

  CompiledProgram program_;
  NamedTensors parameters_, inputs_;
  Case case_;
  mutable std::optional<bool> pure_;
  std::string forward_name_, manual_name_;
  std::optional<CompiledFunction> forward_, manual_, hvp_, jvp_;
  ProgramOutputs outputs_;
  /// The loss of a step does not depend on the cotangent that its backward takes.
  const CompiledFunction::Values no_cotangent_{{cotangent_argument, at::Tensor()}};
  CotangentArguments manual_cotangents_, hvp_cotangents_;
  std::map<std::string, Place> places_;
};

}  // namespace

std::unique_ptr<Subject> make_program_subject(const Case& loaded) {
  if (std::getenv("GRADIENT_CHECK_EVALUATOR")) return make_evaluated_subject(loaded);
  return std::make_unique<ProgramSubject>(loaded);
}

}  // namespace gradient_check
