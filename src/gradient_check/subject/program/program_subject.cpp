#include "gradient_check/subject/program/program_subject.h"

#include <ATen/ops/ones_like.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "gradient_check/case/suggest.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/subject/equal_values.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/argument_names.h"
#include "gradient_check/subject/program/cotangent_arguments.h"
#include "gradient_check/subject/program/evaluated_program.h"
#include "gradient_check/subject/program/forward_of_step.h"
#include "gradient_check/subject/program/program_outputs.h"
#include "gradient_check/subject/program/program_steps.h"
#include "gradient_check/subject/program/purity.h"
#include "gradient_check/subject/program/write_watch.h"
#include "gradient_check/subject/program/written_gradients.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

constexpr const char* tangent_suffix = "_tangent";  ///< of an argument of hvp and jvp

std::vector<std::string> needed_arguments(const std::vector<ast::Parameter>& parameters,
                                          bool with_cotangent) {
  std::vector<std::string> names;
  for (const ast::Parameter& parameter : parameters) {
    if (parameter.kind == ast::ParameterKind::var_positional ||
        parameter.kind == ast::ParameterKind::var_keyword)
      continue;
    if (!parameter.default_value || (with_cotangent && parameter.name == cotangent_argument))
      names.push_back(parameter.name);
  }
  return names;
}

/// List[Tensor], list, Tuple[Tensor, Tensor]: an argument that takes all cotangents.
CotangentArguments::Argument declared_as(const ast::Parameter& parameter,
                                         const python::SourceText& source) {
  using Form = CotangentArguments::Form;
  CotangentArguments::Argument argument{parameter.name};
  if (!parameter.annotation) return argument;
  argument.declared = source.text(parameter.annotation->span);
  const auto* subscript = parameter.annotation->as<ast::Subscript>();
  const ast::Expression& head = subscript ? *subscript->value : *parameter.annotation;
  const auto* name = head.as<ast::Name>();
  const auto* attribute = head.as<ast::Attribute>();
  const std::string word = name ? name->id : attribute ? attribute->attr : "";
  if (word == "List" || word == "list") argument.form = Form::list;
  if (word == "Tuple" || word == "tuple") argument.form = Form::tuple;
  const auto* parts = subscript ? subscript->slice->as<ast::Tuple>() : nullptr;
  argument.size = parts ? parts->elts.size() : 1;
  return argument;
}

class ProgramSubject : public Subject {
 public:
  explicit ProgramSubject(const Case& loaded)
      : case_(loaded), program_(loaded.program->label, loaded.program->text, loaded.dtype) {
    find_functions();
    for (const char* name : {"hvp", "jvp"})
      if (program_.has(name)) expect_arguments(name, std::string(name) == "jvp");
  }

  /// Runs the program for the first time, to see what it returns.
  void run_first() {
    const EvaluationScope scope(case_.dtype);
    cut_forward();
    look_at_forward();
    if (has_manual()) manual_cotangents_ = cotangents_of(manual_name_);
    if (has_hvp()) hvp_cotangents_ = cotangents_of("hvp");
  }

  const NamedTensors& parameters() const override { return case_.parameters; }
  const NamedTensors& inputs() const override { return case_.inputs; }

  at::Tensor forward(const NamedTensors& values) const override {
    const std::lock_guard lock(mutex_);
    return outputs_.joined(returned_tensors(values));
  }
  std::optional<std::string> why_not_differentiable() const override {
    return outputs_.outputs().complaint();
  }
  bool has_manual() const override { return !manual_name_.empty(); }
  bool takes_grad_output() const override { return manual_cotangents_.any(); }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    const std::lock_guard lock(mutex_);
    // Before the backward, which may change the values it is given.
    at::Tensor output;
    if (manual_name_ == "backward") output = forward(values).clone();
    const python::Value result = call(manual_name_, values, manual_cotangents_.bound(grad_output));
    if (manual_name_ == "backward") return {output, gradients(result)};
    const auto* tuple = result.get_if<python::Tuple>();
    if (!tuple || tuple->elements.size() != 2) fail_step(result);
    return {tensors(tuple->elements[0], "step").at(0), gradients(tuple->elements[1])};
  }

  bool pure() const override {
    const std::lock_guard lock(mutex_);
    if (!pure_) pure_ = is_plain(program_.tree()) && leaves_point();
    return *pure_;
  }
  std::optional<Place> gradient_place(const std::string& name) const override {
    if (!has_manual()) return std::nullopt;
    const auto written = written_gradients(program_.tree(), manual_name_);
    const auto found = written.find(name);
    return found == written.end() ? program_.definition_place(manual_name_)
                                  : program_.place_of(found->second);
  }
  const StepwiseProgram* stepwise() const override {
    if (!has_manual()) return nullptr;
    const std::lock_guard lock(mutex_);
    if (!steps_)
      steps_ = make_program_steps(
          {program_, forward_name_, manual_name_, outputs_, manual_cotangents_, case_});
    return steps_->get();
  }
  std::optional<Place> write_place(const std::string& name) const override {
    const std::lock_guard lock(mutex_);
    for (const std::string& function : {manual_name_, forward_name_})
      if (!function.empty())
        if (const auto span = first_write(function, name)) return program_.place_of(*span);
    return std::nullopt;
  }
  const std::string* program_text() const override { return &case_.program->text; }
  std::unique_ptr<Subject> with_program_text(const std::string& text) const override {
    Case changed = case_;
    changed.program->text = text;
    return make_program_subject(changed);
  }
  std::optional<RunningPlace> running_place() const override {
    if (auto place = program_.running_place()) return place;
    return forward_program_ ? forward_program_->running_place() : std::nullopt;
  }
  bool has_hvp() const override { return program_.has("hvp"); }
  NamedTensors hvp(const NamedTensors& values, const NamedTensors& tangents,
                   const at::Tensor& grad_output) const override {
    const std::lock_guard lock(mutex_);
    const python::Value result =
        program_.call("hvp", with_tangents(values, tangents), hvp_cotangents_.bound(grad_output));
    try {
      return program_.gradients_of(result);
    } catch (const std::invalid_argument& found) {
      fail("hvp",
           fmt::format("hvp must return a dictionary {{\"name\": H v}}, found {}", found.what()));
    }
  }
  bool has_jvp() const override { return program_.has("jvp"); }
  at::Tensor jvp(const NamedTensors& values, const NamedTensors& tangents) const override {
    const std::lock_guard lock(mutex_);
    return outputs_.joined(tensors(program_.call("jvp", with_tangents(values, tangents)), "jvp"));
  }
  bool takes_tangent(const std::string& function, const std::string& name) const override {
    if (!program_.has(function)) return true;
    const auto& parameters = program_.parameters(function);
    return std::any_of(parameters.begin(), parameters.end(), [&](const auto& parameter) {
      return parameter.name == name + tangent_suffix;
    });
  }
  std::optional<Place> function_place(const std::string& function) const override {
    return program_.definition_place(function);
  }
  std::optional<Place> forward_place() const override {
    const python::Span span = written_result(program_.tree(), forward_name_);
    return span.empty() ? program_.definition_place(forward_name_) : program_.place_of(span);
  }

 private:
  [[noreturn]] void fail(const std::string& function, const std::string& message) const {
    throw SubjectError(program_.definition_place(function), message);
  }
  [[noreturn]] void fail_step(const python::Value& found) const {
    const auto* tuple = found.get_if<python::Tuple>();
    fail("step", fmt::format("step must return (loss, {{\"name\": gradient}}), found {}{}",
                             EvaluatedProgram::type_of(found),
                             tuple && tuple->elements.size() > 2
                                 ? "; for several outputs write forward, which returns them, and "
                                   "backward, which takes the cotangent of each"
                                 : ""));
  }

  void find_functions() {
    const bool is_step = program_.has("step");
    if (is_step && program_.has("forward"))
      fail("step", "a program has either 'step', or 'forward' and 'backward', found both");
    if (!is_step && !program_.has("forward"))
      fail("", fmt::format("a program needs a function 'step', or 'forward' and 'backward'{}",
                           similar_function()));
    if (is_step && program_.has("backward"))
      fail("backward", "'step' holds its own backward; rename this function, or the other");
    forward_name_ = is_step ? "step" : "forward";
    manual_name_ = is_step ? "step" : program_.has("backward") ? "backward" : "";
    expect_arguments(forward_name_, false);
  }

  std::string similar_function() const {
    for (const std::string& name : program_.function_names())
      for (const char* wanted : {"step", "forward", "backward"})
        if (suggest(name, {wanted}).find("did you mean") != std::string::npos)
          return fmt::format("; it has '{}' (did you mean '{}'?)", name, wanted);
    return "";
  }

  /// The names that the case gives values.
  std::vector<std::string> given_names(bool with_tangents) const {
    std::vector<std::string> names;
    for (const auto* tensors : {&case_.inputs, &case_.parameters})
      for (const auto& [key, tensor] : *tensors) {
        names.push_back(key);
        if (with_tangents) names.push_back(key + tangent_suffix);
      }
    return names;
  }

  void expect_arguments(const std::string& function, bool with_tangents) const {
    if (function == "hvp") return;  // its cotangents are looked at together
    try {
      expect_given(function, needed_arguments(program_.parameters(function), false),
                   given_names(with_tangents));
    } catch (const std::invalid_argument& error) {
      fail(function, error.what());
    }
  }

  CotangentArguments cotangents_of(const std::string& function) const {
    const auto& parameters = program_.parameters(function);
    try {
      std::vector<CotangentArguments::Argument> free;
      for (const std::string& name : taking_cotangents(function, needed_arguments(parameters, true),
                                                       given_names(function == "hvp")))
        for (const ast::Parameter& parameter : parameters)
          if (parameter.name == name)
            free.push_back(declared_as(parameter, *program_.tree().source));
      return {function, free, outputs_};
    } catch (const std::invalid_argument& error) {
      fail(function, error.what());
    }
  }

  NamedTensors point() const {
    NamedTensors values;
    for (const auto* tensors : {&case_.inputs, &case_.parameters})
      for (const auto& [name, tensor] : *tensors) values.set(name, tensor.detach().clone());
    return values;
  }

  /// What it prints shows once: of the manual code's first call, or else of the forward's.
  python::Value call(const std::string& function, const NamedTensors& values,
                     const EvaluatedProgram::Values& others) const {
    if (printed_ || function != (has_manual() ? manual_name_ : forward_name_))
      return program_.call(function, values, others);
    printed_ = true;
    return program_.call_aloud(function, values, others);
  }

  /// The forward of a step alone, where that gives the step's own loss to the last bit.
  void cut_forward() {
    if (forward_name_ != "step") return;
    auto cut = forward_of_step(program_.tree(), "step");
    if (!cut) return;
    auto alone = std::make_unique<EvaluatedProgram>(std::move(*cut), case_.dtype);
    const std::vector<at::Tensor> whole = returned_tensors(point());
    forward_program_ = std::move(alone);
    try {
      const std::vector<at::Tensor> part = returned_tensors(point());
      if (equal_values(part.at(0), whole.at(0))) return;
    } catch (const SubjectError&) {
    }
    forward_program_.reset();
  }

  void look_at_forward() {
    const EvaluationScope scope(case_.dtype, true);
    if (forward_name_ == "step") return;
    const python::Value result = call(forward_name_, point(), {});
    if (!result.get_if<python::Tuple>() && !result.get_if<python::List>()) {
      tensors(result, forward_name_);
      return;
    }
    outputs_ = ProgramOutputs([&](const NamedTensors& values) { return returned_tensors(values); },
                              point(), written_names(program_.tree(), forward_name_));
  }

  /// What the forward returns: all of its outputs, or a step's loss.
  std::vector<at::Tensor> returned_tensors(const NamedTensors& values) const {
    // The loss of a step does not depend on the cotangent that its backward takes.
    const EvaluatedProgram::Values no_cotangent{{cotangent_argument, at::Tensor()}};
    if (forward_program_)
      return tensors(forward_program_->call(forward_name_, values, no_cotangent), "step");
    const python::Value result = call(forward_name_, values, no_cotangent);
    if (forward_name_ != "step") return tensors(result, forward_name_);
    const auto* tuple = result.get_if<python::Tuple>();
    if (!tuple || tuple->elements.size() != 2) fail_step(result);
    return tensors(tuple->elements[0], "step");
  }

  std::vector<at::Tensor> tensors(const python::Value& value, const std::string& function) const {
    try {
      return program_.tensors_of(value);
    } catch (const std::invalid_argument& found) {
      fail(function,
           fmt::format("{} must return a tensor, or several as a tuple or a list, found {}",
                       function, found.what()));
    }
  }

  NamedTensors gradients(const python::Value& value) const {
    try {
      return program_.gradients_of(value);
    } catch (const std::invalid_argument& found) {
      if (manual_name_ == "step")
        fail("step",
             fmt::format("step must return (loss, {{\"name\": gradient}}), found a loss with "
                         "{}",
                         found.what()));
      fail("backward", fmt::format("backward must return a dictionary {{\"name\": gradient}}, "
                                   "found {}",
                                   found.what()));
    }
  }

  static NamedTensors with_tangents(const NamedTensors& values, const NamedTensors& tangents) {
    NamedTensors arguments = values;
    for (const auto& [name, tangent] : tangents) arguments.set(name + tangent_suffix, tangent);
    return arguments;
  }

  bool leaves_point() const {
    const EvaluationScope scope(case_.dtype);
    const NamedTensors values = point();
    at::Tensor output;
    if (!leaves_arguments(values, [&] { output = forward(values); })) return false;
    NamedTensors with_cotangent = values;
    with_cotangent.set(cotangent_argument, at::ones_like(output));
    return !has_manual() || leaves_arguments(with_cotangent, [&] {
      manual(values, with_cotangent[cotangent_argument]);
    });
  }

  /// Where a call of the function first changes the tensor that it is given by that name.
  std::optional<python::Span> first_write(const std::string& function,
                                          const std::string& name) const {
    const EvaluationScope scope(case_.dtype);
    EvaluatedProgram::Values cotangents;
    if (function == manual_name_ && manual_cotangents_.any())
      cotangents = manual_cotangents_.bound(at::ones_like(forward(point())));
    const NamedTensors values = point();
    const auto cotangent = cotangents.find(name);
    const at::Tensor* watched = values.find(name);
    if (!watched && (cotangent == cotangents.end() || !cotangent->second.isTensor()))
      return std::nullopt;
    WriteWatch watch(watched ? *watched : cotangent->second.toTensor(), program_.tree());
    const ObservedRun observed(program_.running(), watch);
    try {
      program_.call(function, values, cotangents);
    } catch (const SubjectError&) {  // it wrote before it failed
    }
    return watch.written();
  }

  Case case_;
  EvaluatedProgram program_;
  std::string forward_name_, manual_name_;
  mutable bool printed_ = false;
  // What the first run shows.
  std::unique_ptr<EvaluatedProgram> forward_program_;  ///< of a step
  ProgramOutputs outputs_;
  CotangentArguments manual_cotangents_, hvp_cotangents_;
  mutable std::optional<std::unique_ptr<StepwiseProgram>> steps_;  ///< made when first asked for
  mutable std::optional<bool> pure_;
  mutable std::recursive_mutex mutex_;  ///< one thread at a time runs a program
};

}  // namespace

std::unique_ptr<Subject> make_program_subject(const Case& loaded,
                                              const std::function<void(const Subject&)>& made) {
  auto subject = std::make_unique<ProgramSubject>(loaded);
  if (made) made(*subject);
  subject->run_first();
  return subject;
}

}  // namespace gradient_check
