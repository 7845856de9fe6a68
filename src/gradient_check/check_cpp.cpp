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

namespace gradient_check {
namespace {

/// Checks a subject of C++ code: complex tensors as real pairs, on the device where its tensors
/// are, in the dtype of the first floating one.
CaseResult check_cpp(std::unique_ptr<Subject> subject, const NamedTensors& tensors,
                     const FunctionCheckOptions& options) {
  CheckSettings settings{at::kDouble, options.seed, options.check, {}};
  c10::Device device = at::kCPU;
  bool dtype_known = false;
  for (const auto& [name, tensor] : tensors) {
    if ((tensor.is_floating_point() || tensor.is_complex()) && !dtype_known) {
      settings.dtype = c10::toRealValueType(tensor.scalar_type());
      dtype_known = true;
    }
    if (!tensor.is_cpu()) device = tensor.device();
  }
  return check_subject(*on_device(in_real_pairs(std::move(subject)), device), settings);
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

/// Three ways where LibTorch can differentiate the forward, and does so rightly; else two.
CaseResult check_numbers(const AutogradFunction& function, const FunctionCheckOptions& options) {
  if (auto subject = make_function_subject(function)) {
    CaseResult result = check_cpp(std::move(subject), function.tensors, options);
    if (!doubts_reference(result)) return result;
  }
  return check_cpp(make_opaque_function_subject(function), function.tensors, options);
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
    return check_cpp(std::make_unique<FunctionSubject>(forward, backward, parameters, inputs),
                     tensors, options);
  });
  result.name = "check";
  return result;
}

CaseResult check(const AutogradFunction& function, const FunctionCheckOptions& options) {
  CaseResult result = checked([&] {
    if (const auto broken = broken_contract(function);
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
    auto subject = make_module_subject(module, backward);
    const NamedTensors tensors = subject->parameters();
    return check_cpp(std::move(subject), tensors, options);
  });
  result.name = module.module->name();
  return result;
}

}  // namespace gradient_check
