#include <fmt/format.h>

#include <algorithm>

#include "gradient_check/check_function.h"
#include "gradient_check/check_module.h"
#include "gradient_check/checked.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/subject/complex_subject.h"
#include "gradient_check/subject/cpp/autograd_function_subject.h"
#include "gradient_check/subject/cpp/module_subject.h"
#include "gradient_check/subject/device_subject.h"
#include "gradient_check/subject/evaluation_scope.h"

namespace gradient_check {
namespace {

/// The dtype of C++ code: that of the first floating tensor.
at::ScalarType dtype_of(const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors)
    if (tensor.is_floating_point() || tensor.is_complex())
      return c10::toRealValueType(tensor.scalar_type());
  return at::kDouble;
}

/// Checks a subject of C++ code: complex tensors as real pairs, on the device where its tensors
/// are.
CaseResult check_cpp(std::unique_ptr<Subject> subject, const NamedTensors& tensors,
                     const FunctionCheckOptions& options) {
  const CheckSettings settings{dtype_of(tensors), options.seed, options.check, {}};
  c10::Device device = at::kCPU;
  for (const auto& [name, tensor] : tensors)
    if (!tensor.is_cpu()) device = tensor.device();
  return check_subject(*on_device(in_real_pairs(std::move(subject)), device), settings);
}

/// What `make` makes, with the operators that evaluations in the tensors' dtype have.
template <typename Make>
auto made_in_scope(const NamedTensors& tensors, const Make& make) {
  const EvaluationScope scope(dtype_of(tensors), true);
  return make();
}

Finding finding_of(const BrokenContract& broken) {
  Finding finding;
  finding.message = broken.message;
  finding.subject = broken.subject;
  switch (broken.kind) {
    case BrokenContract::Kind::gradient_count:
      finding.rule = missing_gradient_rule.id;
      finding.help = "return one gradient for each argument of forward, in their order";
      break;
    case BrokenContract::Kind::gradient_shape:
      finding.rule = shape_mismatch_rule.id;
      finding.help = "a gradient has exactly the shape of the tensor it belongs to";
      break;
    case BrokenContract::Kind::undefined_gradient:
      finding.rule = grad_output_ignored_rule.id;
      finding.help =
          "ask grad_output.defined() first, or leave set_materialize_grads as it is: LibTorch then "
          "passes zeros";
      break;
  }
  return finding;
}

/// Whether some gradient was laid to LibTorch's derivative of the forward, or to nobody.
bool doubts_reference(const CaseResult& result) {
  return std::any_of(result.gradients.begin(), result.gradients.end(),
                     [](const GradientResult& gradient) {
                       return gradient.wrong != Wrong::none && gradient.wrong != Wrong::manual;
                     });
}

/// Three ways where LibTorch can differentiate the forward, and does so rightly; else finite
/// differences judge alone.
CaseResult check_numbers(const AutogradFunction& function, const FunctionCheckOptions& options) {
  const NamedTensors& tensors = function.tensors;
  if (auto subject = made_in_scope(tensors, [&] { return make_function_subject(function); })) {
    CaseResult result = check_cpp(std::move(subject), tensors, options);
    if (!doubts_reference(result)) return result;
  }
  CaseResult result = check_cpp(
      made_in_scope(tensors, [&] { return make_kernel_subject(function); }), tensors, options);
  // Both are the function's own backward there.
  for (GradientResult& gradient : result.gradients)
    if (gradient.wrong == Wrong::both) gradient.wrong = Wrong::manual;
  return result;
}

}  // namespace

CaseResult check(const ForwardFunction& forward, const BackwardFunction& backward,
                 const NamedTensors& tensors, const FunctionCheckOptions& options) {
  NamedTensors parameters, inputs;
  for (const auto& [name, tensor] : tensors) {
    const auto& wanted = options.parameters;
    const bool required = std::find(wanted.begin(), wanted.end(), name) != wanted.end();
    (required ? parameters : inputs).set(name, tensor);
  }
  CaseResult result = checked([&] {
    auto subject = made_in_scope(tensors, [&] {
      return std::make_unique<FunctionSubject>(forward, backward, parameters, inputs);
    });
    return check_cpp(std::move(subject), tensors, options);
  });
  result.name = "check";
  return result;
}

CaseResult check(const AutogradFunction& function, const FunctionCheckOptions& options) {
  CaseResult result = checked([&] {
    if (const auto broken =
            made_in_scope(function.tensors, [&] { return broken_contract(function); });
        broken && broken->kind != BrokenContract::Kind::undefined_gradient) {
      CaseResult refused;
      refused.verdict = Verdict::fail;
      refused.findings.push_back(finding_of(*broken));
      return refused;
    } else {
      CaseResult numbers = check_numbers(function, options);
      if (!broken || numbers.verdict == Verdict::error) return numbers;
      numbers.findings.insert(numbers.findings.begin(), finding_of(*broken));
      numbers.verdict = Verdict::fail;
      return numbers;
    }
  });
  result.name = function.name;
  return result;
}

CaseResult check(const ModuleCall& module, const BackwardFunction& backward,
                 const FunctionCheckOptions& options) {
  CaseResult result = checked([&] {
    if (options.check.order > 1)
      throw SubjectError(std::nullopt,
                         "a module is checked to first order: give its forward as a function of "
                         "named tensors to have its second derivatives checked");
    NamedTensors tensors = module.inputs;
    for (const auto& each : module.module->named_parameters())
      if (each.value().defined()) tensors.set(each.key(), each.value());
    auto subject = made_in_scope(tensors, [&] { return make_module_subject(module, backward); });
    return check_cpp(std::move(subject), tensors, options);
  });
  result.name = module.module->name();
  return result;
}

}  // namespace gradient_check
