#include "gradient_check/subject/program/program_subject.h"

#include <ATen/ops/ones_like.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "gradient_check/case/suggest.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/argument_names.h"
#include "gradient_check/subject/program/called_arguments.h"
#include "gradient_check/subject/program/entries/call_arguments.h"
#include "gradient_check/subject/program/entries/find_entries.h"
#include "gradient_check/subject/program/entries/missing_values.h"
#include "gradient_check/subject/program/program_steps.h"
#include "gradient_check/subject/program/purity.h"

namespace gradient_check {
namespace {

class ProgramSubject : public Subject {
 public:
  explicit ProgramSubject(const Case& loaded)
      : case_(loaded),
        program_(loaded.program->label, loaded.program->text, loaded.dtype,
                 loaded.program->is_code),
        entry_(make_entry(case_, program_)) {
    if (!reference_name().empty()) find_reference();
    if (has_jvp()) expect_arguments(program_, "jvp", case_, true);
  }

  /// Runs the program for the first time, to see what it returns.
  void run_first() {
    const EvaluationScope scope(case_.dtype);
    entry_->run_first();
    if (has_hvp()) hvp_cotangents_ = cotangents_of(program_, "hvp", case_, true, entry_->outputs());
  }

  void move_parameters(double perturbation) { entry_->move_parameters(perturbation); }

  const NamedTensors& parameters() const override { return entry_->parameters(); }
  const NamedTensors& inputs() const override { return entry_->inputs(); }

  at::Tensor forward(const NamedTensors& values) const override {
    const std::lock_guard lock(mutex_);
    return joined(reference_ ? reference_outputs(values) : entry_->forward(values));
  }
  std::optional<std::string> why_not_differentiable() const override {
    return entry_->outputs().outputs().complaint();
  }
  bool has_manual() const override { return entry_->has_manual(); }
  bool takes_grad_output() const override { return entry_->takes_grad_output(); }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    const std::lock_guard lock(mutex_);
    ManualOutputs found = entry_->manual(values, grad_output);
    if (reference_) found.outputs = reference_outputs(values);
    return {joined(found.outputs), std::move(found.gradients)};
  }

  bool pure() const override {
    const std::lock_guard lock(mutex_);
    if (!pure_) pure_ = is_plain(program_.tree()) && leaves_point();
    return *pure_;
  }
  std::optional<Place> gradient_place(const std::string& name) const override {
    return entry_->gradient_place(name);
  }
  const StepwiseProgram* stepwise() const override {
    if (!has_manual() || reference_) return nullptr;
    const std::lock_guard lock(mutex_);
    if (!steps_) steps_ = make_program_steps({case_, program_, *entry_});
    return steps_->get();
  }
  std::optional<Place> write_place(const std::string& name) const override {
    const std::lock_guard lock(mutex_);
    return entry_->write_place(name);
  }
  const std::string* program_text() const override { return &case_.program->text; }
  std::unique_ptr<Subject> with_program_text(const std::string& text) const override {
    Case changed = case_;
    changed.program->text = text;
    return make_program_subject(changed);
  }
  std::optional<RunningPlace> running_place() const override { return entry_->running_place(); }

  std::shared_ptr<const LoopFacts> loop_facts() const override { return entry_->loop_facts(); }

  bool has_hvp() const override { return has_derivative("hvp"); }
  NamedTensors hvp(const NamedTensors& values, const NamedTensors& tangents,
                   const at::Tensor& grad_output) const override {
    const std::lock_guard lock(mutex_);
    const python::Value result =
        program_.call("hvp", with_tangents(values, tangents), hvp_cotangents_.bound(grad_output));
    try {
      return program_.gradients_of(result);
    } catch (const std::invalid_argument& found) {
      throw SubjectError(
          program_.definition_place("hvp"),
          fmt::format("hvp must return a dictionary {{\"name\": H v}}, found {}", found.what()));
    }
  }
  bool has_jvp() const override { return has_derivative("jvp"); }
  at::Tensor jvp(const NamedTensors& values, const NamedTensors& tangents) const override {
    const std::lock_guard lock(mutex_);
    const python::Value result = program_.call("jvp", with_tangents(values, tangents));
    try {
      return joined(program_.tensors_of(result));
    } catch (const std::invalid_argument& found) {
      throw SubjectError(
          program_.definition_place("jvp"),
          fmt::format("jvp must return a tensor, or several as a tuple or a list, found {}",
                      found.what()));
    }
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
  std::optional<Place> forward_place() const override { return entry_->forward_place(); }

 private:
  const std::string& reference_name() const { return case_.program->options.reference; }

  void find_reference() {
    if (!program_.has(reference_name()))
      throw SubjectError(
          std::nullopt,
          fmt::format("\"reference\" names '{}', which is no function here{}", reference_name(),
                      suggest(reference_name(), program_.function_names())));
    reference_.emplace(program_, case_, program_.variable(reference_name()), 0);
    NamedTensors given = case_.inputs;
    for (const auto& [name, tensor] : case_.parameters) given.set(name, tensor);
    if (const auto missing = reference_->missing(given); !missing.empty())
      throw MissingValues(reference_name(), missing);
  }

  /// The outputs of the function whose gradient is meant.
  std::vector<at::Tensor> reference_outputs(const NamedTensors& values) const {
    BoundArguments arguments = reference_->bound(values);
    try {
      return program_.tensors_of(program_.guarded([&] {
        return python::call(program_.running().interpreter(),
                            program_.running().variable(reference_name()), arguments.arguments());
      }));
    } catch (const std::invalid_argument& found) {
      throw SubjectError(program_.definition_place(reference_name()),
                         fmt::format("{} must return a tensor, or several, as the forward does; "
                                     "found {}",
                                     reference_name(), found.what()));
    }
  }

  at::Tensor joined(const std::vector<at::Tensor>& outputs) const {
    return entry_->outputs().joined(outputs);
  }

  /// Functions hvp and jvp belong to functions that are called with the case's tensors by name.
  bool has_derivative(const char* name) const {
    return entry_->cotangents_by_name() && program_.has(name);
  }

  static NamedTensors with_tangents(const NamedTensors& values, const NamedTensors& tangents) {
    NamedTensors arguments = values;
    for (const auto& [name, tangent] : tangents) arguments.set(name + tangent_suffix, tangent);
    return arguments;
  }

  bool leaves_point() const {
    const EvaluationScope scope(case_.dtype);
    NamedTensors values;
    for (const auto* tensors : {&inputs(), &parameters()})
      for (const auto& [name, tensor] : *tensors) values.set(name, tensor.detach().clone());
    at::Tensor output;
    if (!leaves_arguments(values, [&] { output = forward(values); })) return false;
    NamedTensors with_cotangent = values;
    with_cotangent.set(cotangent_argument, at::ones_like(output));
    return !has_manual() || leaves_arguments(with_cotangent, [&] {
      manual(values, with_cotangent[cotangent_argument]);
    });
  }

  Case case_;
  mutable EvaluatedProgram program_;
  std::unique_ptr<Entry> entry_;
  std::optional<CallArguments> reference_;  ///< of the function whose gradient is meant
  CotangentArguments hvp_cotangents_;
  mutable std::optional<std::unique_ptr<StepwiseProgram>> steps_;  ///< made when first asked for
  mutable std::optional<bool> pure_;
  mutable std::recursive_mutex mutex_;  ///< one thread at a time runs a program
};

}  // namespace

std::unique_ptr<Subject> make_program_subject(const Case& loaded,
                                              const std::function<void(const Subject&)>& made,
                                              double perturbation) {
  auto subject = std::make_unique<ProgramSubject>(loaded);
  if (made) made(*subject);
  subject->run_first();
  if (perturbation != 0) subject->move_parameters(perturbation);
  return subject;
}

}  // namespace gradient_check
