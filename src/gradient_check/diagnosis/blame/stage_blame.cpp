#include "gradient_check/diagnosis/blame/stage_blame.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <set>

#include "gradient_check/diagnosis/blame/known_values.h"
#include "gradient_check/diagnosis/blame/tensor_blame.h"
#include "gradient_check/gradient/scan.h"
#include "gradient_check/gradient/stages.h"

namespace gradient_check {
namespace {

/// Finds what is wrong in each stage by itself.
class StageBlame {
 public:
  StageBlame(const Evaluations& evaluations, const Evidence& evidence)
      : evaluations_(evaluations),
        evidence_(evidence),
        stages_(evaluate_stages(evaluations.subject, evaluations.values, evaluations.cotangent)) {}

  std::vector<Culprit> run() {
    for (std::size_t i = stages_.size(); i-- > 0;) judge(i);
    return std::move(culprits_);
  }

 private:
  void judge(std::size_t index) {
    const StageEvaluation& stage = stages_[index];
    std::vector<std::string> wrong;
    for (const auto& [name, truth] : stage.autograd.gradients)
      if (is_wrong(stage, name)) wrong.push_back(name);
    if (wrong.empty()) return;
    const std::vector<std::string> spoiled = spoiled_by(index);
    std::set<std::string> swapped;
    for (const std::string& name : wrong) {
      const bool is_input = name == "input";
      std::vector<std::string> gradients;
      for (const std::string& other : spoiled)
        if (is_input ? !is_parameter_of(stage, other) : other == name) gradients.push_back(other);
      if (!gradients.empty() && !swapped.count(name))
        accuse(stage, name, wrong, std::move(gradients), swapped);
    }
  }

  static bool is_parameter_of(const StageEvaluation& stage, const std::string& name) {
    const auto& own = stage.stage.parameters;
    return std::find(own.begin(), own.end(), name) != own.end();
  }

  /// What rounding in float64 may make of a gradient, by what float32 makes of it.
  static double allowed(const StageEvaluation& stage, const std::string& name) {
    const at::Tensor& truth = stage.autograd.gradients[name];
    const at::Tensor narrow = stage.autograd_float.gradients[name].to(at::kDouble);
    return 1e-10 * largest_magnitude(truth) + 64 * 0x1p-29 * largest_magnitude(narrow - truth);
  }

  static bool is_wrong(const StageEvaluation& stage, const std::string& name) {
    const at::Tensor* value = stage.manual.gradients.find(name);
    const at::Tensor& truth = stage.autograd.gradients[name];
    if (!value || !value->defined()) return false;
    return value->sizes() != truth.sizes() ||
           !(largest_magnitude(*value - truth) <= allowed(stage, name));
  }

  /// The gradients of the subject that are wrong, and are so by this stage's backward alone.
  std::vector<std::string> spoiled_by(std::size_t index) const {
    std::vector<std::string> spoiled;
    try {
      const NamedTensors gradients =
          gradients_with_manual(evaluations_.subject, stages_, index, evaluations_.values);
      for (const TensorComparison& tensor : evidence_.tensors)
        if (const at::Tensor* gradient = gradients.find(tensor.result.name);
            gradient && is_spoiled(tensor, *gradient))
          spoiled.push_back(tensor.result.name);
    } catch (const std::exception&) {
      // A gradient of a shape that the stages before it cannot take: whatever is wrong is its work.
      for (const TensorComparison& tensor : evidence_.tensors)
        if (tensor.result.verdict != TensorVerdict::match) spoiled.push_back(tensor.result.name);
    }
    return spoiled;
  }

  static bool is_spoiled(const TensorComparison& tensor, const at::Tensor& gradient) {
    if (tensor.result.verdict == TensorVerdict::match) return false;
    const at::Tensor& truth = tensor.sources.autograd;
    return gradient.sizes() != truth.sizes() ||
           !(largest_magnitude(gradient - truth) <= tensor.tolerances.formula);
  }

  void accuse(const StageEvaluation& stage, const std::string& name,
              const std::vector<std::string>& wrong, std::vector<std::string> gradients,
              std::set<std::string>& swapped) {
    Culprit culprit;
    culprit.subject = qualified(stage, name);
    culprit.adjoint_of = culprit.subject;
    culprit.truth_text = "∂loss/∂" + culprit.subject;
    culprit.stage = stage.stage.label;
    culprit.place = stage.stage.place;
    culprit.value = stage.manual.gradients[name];
    culprit.truth = stage.autograd.gradients[name];
    culprit.gradients = std::move(gradients);
    culprit.proved = true;
    explain(stage, name, wrong, culprit, swapped);
    culprits_.push_back(std::move(culprit));
  }

  static std::string qualified(const StageEvaluation& stage, const std::string& name) {
    return name == "input" ? stage.stage.name + ".input" : name;
  }

  void explain(const StageEvaluation& stage, const std::string& name,
               const std::vector<std::string>& wrong, Culprit& culprit,
               std::set<std::string>& swapped) const {
    if (culprit.value.sizes() != culprit.truth.sizes()) return;
    culprit.largest_error = relative_difference(culprit.value, culprit.truth);
    constexpr double tolerance = 1e-8;
    for (const std::string& other : wrong)
      if (other != name &&
          relative_difference(culprit.value, stage.autograd.gradients[other]) <= tolerance &&
          relative_difference(stage.manual.gradients[other], culprit.truth) <= tolerance) {
        culprit.change = Change::swap;
        culprit.before = culprit.subject;
        culprit.after = qualified(stage, other);
        culprit.gradients.push_back(other);
        swapped.insert(other);
        return;
      }
    if (explain_whole(culprit, tolerance, evidence_.values)) return;
    std::vector<std::pair<std::string, at::Tensor>> conditions;
    if (name == "input") conditions.emplace_back(stage.stage.name + ".input", stage.input);
    note_wrong_elements(culprit, tolerance, conditions);
  }

  const Evaluations& evaluations_;
  const Evidence& evidence_;
  const std::vector<StageEvaluation> stages_;
  std::vector<Culprit> culprits_;
};

}  // namespace

std::vector<Culprit> stage_culprits(const Evaluations& evaluations, const Evidence& evidence) {
  return StageBlame(evaluations, evidence).run();
}

}  // namespace gradient_check
