#include <ATen/ops/ones_like.h>
#include <fmt/format.h>

#include <stdexcept>

#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/subject/equal_values.h"
#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/argument_names.h"
#include "gradient_check/subject/program/called_arguments.h"
#include "gradient_check/subject/program/entries/entry_kind.h"
#include "gradient_check/subject/program/forward_of_step.h"
#include "gradient_check/subject/program/write_watch.h"
#include "gradient_check/subject/program/written_gradients.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

/// Functions step, or forward and backward, or forward alone, called with the case's tensors by
/// name.
class FunctionsEntry : public Entry {
 public:
  FunctionsEntry(const Case& loaded, EvaluatedProgram& program) : Entry(loaded, program) {
    const bool is_step = program_.has("step");
    if (is_step && program_.has("forward"))
      fail("step", "a program has either 'step', or 'forward' and 'backward', found both");
    if (is_step && program_.has("backward"))
      fail("backward", "'step' holds its own backward; rename this function, or the other");
    forward_name_ = is_step ? "step" : "forward";
    manual_name_ = is_step ? "step" : program_.has("backward") ? "backward" : "";
    if (!is_named()) expect_arguments(program_, forward_name_, case_, false);
  }

  void run_first() override {
    cut_forward();
    look_at_forward();
    if (has_manual()) cotangents_ = cotangents_of(program_, manual_name_, case_, false, outputs_);
  }

  /// Told where the case names this entry; else the first that is missing is an error of its own.
  std::vector<std::string> missing() const override {
    return is_named() ? missing_arguments(program_, forward_name_, case_)
                      : std::vector<std::string>{};
  }

  void run_like(const Entry& other) override {
    outputs_ = other.outputs();
    cotangents_ = *other.cotangents_by_name();
    printed_ = true;
  }

  std::string forward_name() const override { return forward_name_; }
  std::string manual_name() const override { return manual_name_; }
  bool takes_grad_output() const override { return cotangents_.any(); }
  const CotangentArguments* cotangents_by_name() const override { return &cotangents_; }

  /// All of the forward's outputs, or a step's loss.
  std::vector<at::Tensor> forward(const NamedTensors& values) const override {
    // The loss of a step does not depend on the cotangent that its backward takes.
    const EvaluatedProgram::Values no_cotangent{{cotangent_argument, at::Tensor()}};
    if (forward_program_)
      return tensors(forward_program_->call(forward_name_, values, no_cotangent), "step");
    const python::Value result = call(forward_name_, values, no_cotangent);
    if (forward_name_ != "step") return tensors(result, forward_name_);
    return tensors(loss_and_gradients(result).elements[0], "step");
  }

  ManualOutputs manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    // Before the backward, which may change the values it is given.
    std::vector<at::Tensor> outputs;
    if (manual_name_ == "backward")
      for (const at::Tensor& output : forward(values)) outputs.push_back(output.clone());
    const python::Value result = call(manual_name_, values, cotangents_.bound(grad_output));
    if (manual_name_ == "backward") return {outputs, gradients(result)};
    const auto& elements = loss_and_gradients(result).elements;
    return {{tensors(elements[0], "step").at(0)}, gradients(elements[1])};
  }

  std::optional<Place> write_place(const std::string& name) const override {
    for (const std::string& function : {manual_name_, forward_name_})
      if (!function.empty())
        if (const auto span = first_write(function, name)) return program_.place_of(*span);
    return std::nullopt;
  }

  std::optional<RunningPlace> running_place() const override {
    if (auto place = program_.running_place()) return place;
    return forward_program_ ? forward_program_->running_place() : std::nullopt;
  }

 private:
  bool is_named() const { return !case_.program->options.entry.empty(); }

  /// The result of a step.
  const python::Tuple& loss_and_gradients(const python::Value& result) const {
    const auto* tuple = result.get_if<python::Tuple>();
    if (tuple && tuple->elements.size() == 2) return *tuple;
    fail("step", fmt::format("step must return (loss, {{\"name\": gradient}}), found {}{}",
                             EvaluatedProgram::type_of(result),
                             tuple && tuple->elements.size() > 2
                                 ? "; for several outputs write forward, which returns them, and "
                                   "backward, which takes the cotangent of each"
                                 : ""));
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
    const std::vector<at::Tensor> whole = forward(point());
    forward_program_ = std::move(alone);
    try {
      const std::vector<at::Tensor> part = forward(point());
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
    outputs_ = ProgramOutputs([&](const NamedTensors& values) { return forward(values); }, point(),
                              written_names(program_.tree(), forward_name_));
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

  /// Where a call of the function first changes the tensor that it is given by that name.
  std::optional<python::Span> first_write(const std::string& function,
                                          const std::string& name) const {
    const EvaluationScope scope(case_.dtype);
    EvaluatedProgram::Values cotangents;
    if (function == manual_name_ && cotangents_.any())
      cotangents = cotangents_.bound(at::ones_like(outputs_.joined(forward(point()))));
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

  std::string forward_name_, manual_name_;
  mutable bool printed_ = false;
  // What the first run shows.
  std::unique_ptr<EvaluatedProgram> forward_program_;  ///< of a step
  CotangentArguments cotangents_;
};

std::vector<std::string> functions_in(const ast::Module& program) {
  for (const char* name : {"step", "forward"})
    if (function_named(program, name)) return {name};
  return {};
}

std::unique_ptr<Entry> make_functions(const Case& loaded, EvaluatedProgram& program,
                                      const std::string&) {
  return std::make_unique<FunctionsEntry>(loaded, program);
}

}  // namespace

const EntryKind functions_entry{"functions step, or forward and backward", true, functions_in,
                                make_functions};

}  // namespace gradient_check
