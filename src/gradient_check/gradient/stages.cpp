#include "gradient_check/gradient/stages.h"

#include "gradient_check/subject/delegating_subject.h"

namespace gradient_check {
namespace {

/// A stage at one input, as a subject: its input is called "input".
class StageSubject : public DelegatingSubject {
 public:
  StageSubject(const Subject& whole, const Stage& stage)
      : DelegatingSubject(whole), stage_(stage) {}
  at::Tensor forward(const NamedTensors& values) const override {
    return stage_.forward(values["input"], values);
  }
  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    return stage_.manual(values["input"], values, grad_output);
  }

 private:
  const Stage& stage_;
};

NamedTensors at_input(const NamedTensors& values, const at::Tensor& input, at::ScalarType dtype) {
  NamedTensors all;
  for (const auto& [name, tensor] : values)
    all.set(name, tensor.is_floating_point() ? tensor.to(dtype) : tensor);
  all.set("input", input.is_floating_point() ? input.to(dtype) : input);
  return all;
}

/// What a stage is differentiated by: its parameters, and its input where that is a number.
std::vector<std::string> targets_of(const Stage& stage, const at::Tensor& input) {
  std::vector<std::string> targets = stage.parameters;
  if (input.is_floating_point()) targets.push_back("input");
  return targets;
}

Evaluation autograd_of(const Subject& subject, const Stage& stage, const NamedTensors& values,
                       const at::Tensor& input, const at::Tensor& grad_output,
                       at::ScalarType dtype) {
  return run_autograd(StageSubject(subject, stage), at_input(values, input, dtype),
                      targets_of(stage, input), grad_output.to(dtype), dtype);
}

}  // namespace

std::vector<StageEvaluation> evaluate_stages(const Subject& subject, const NamedTensors& values,
                                             const at::Tensor& cotangent) {
  std::vector<StageEvaluation> stages;
  for (Stage& stage : subject.stages()) stages.push_back({std::move(stage), {}, {}, {}, {}, {}});
  if (stages.empty()) return stages;
  at::Tensor input = values["input"];
  for (StageEvaluation& each : stages) {
    each.input = input;
    input = run_forward(StageSubject(subject, each.stage), at_input(values, input, at::kDouble),
                        at::kDouble);
  }
  at::Tensor grad_output = cotangent;
  for (auto each = stages.rbegin(); each != stages.rend(); ++each) {
    each->grad_output = grad_output;
    each->autograd =
        autograd_of(subject, each->stage, values, each->input, grad_output, at::kDouble);
    each->autograd_float =
        autograd_of(subject, each->stage, values, each->input, grad_output, at::kFloat);
    each->manual = run_manual(StageSubject(subject, each->stage),
                              at_input(values, each->input, at::kDouble), grad_output, at::kDouble);
    if (const at::Tensor* gradient = each->autograd.gradients.find("input"))
      grad_output = *gradient;
  }
  return stages;
}

NamedTensors gradients_with_manual(const Subject& subject,
                                   const std::vector<StageEvaluation>& stages, std::size_t manual,
                                   const NamedTensors& values) {
  NamedTensors gradients;
  at::Tensor grad_output;
  for (std::size_t i = stages.size(); i-- > 0;) {
    const StageEvaluation& each = stages[i];
    NamedTensors found = i > manual    ? each.autograd.gradients
                         : i == manual ? each.manual.gradients
                                       : autograd_of(subject, each.stage, values, each.input,
                                                     grad_output, at::kDouble)
                                             .gradients;
    for (const std::string& name : each.stage.parameters) gradients.set(name, found[name]);
    const at::Tensor* input = found.find("input");
    if (!input) break;
    grad_output = *input;
    if (i == 0) gradients.set("input", grad_output);
  }
  return gradients;
}

}  // namespace gradient_check
