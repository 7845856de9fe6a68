#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include "gradient_check/diagnosis/culprit_finding.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace conjugated {

constexpr const char* page =
    R"(The gradient of a complex tensor is the conjugate of what it should be: its imaginary part has the wrong
sign. LibTorch's gradient of a real f is ∂f/∂Re z + i ∂f/∂Im z, so that z - lr · gradient descends.
A backward through y = g(z), g holomorphic, multiplies by the conjugate of g'(z).

Example:   d_z = d_y * w               (of y = z * w)
Instead:   d_z = d_y * w.conj()
)";

/// Whether the manual gradient's real part is right and its imaginary one is right but for its
/// sign.
bool is_conjugate(const TensorComparison& tensor) {
  const GradientSources& sources = tensor.sources;
  const at::Tensor& manual =
      sources.manual_double.defined() ? sources.manual_double : sources.manual;
  if (!tensor.result.is_complex || !manual.defined() || manual.sizes() != sources.autograd.sizes())
    return false;
  const at::Tensor real = manual.select(-1, 0).to(at::kDouble),
                   imaginary = manual.select(-1, 1).to(at::kDouble);
  const Tolerances& t = tensor.tolerances;
  const double allowed = (sources.manual_double.defined() ? t.formula : t.rounding) + t.atol +
                         t.rtol * sources.extent.largest;
  return largest_difference(real, sources.autograd.select(-1, 0)) <= allowed &&
         largest_difference(-imaginary, sources.autograd.select(-1, 1)) <= allowed;
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>& so_far) {
  std::vector<Finding> findings;
  for (const TensorComparison& tensor : evidence.tensors) {
    const std::string& name = tensor.result.name;
    if (tensor.result.verdict != TensorVerdict::mismatch || is_explained(so_far, name) ||
        is_blamed(evidence, name) || !is_conjugate(tensor))
      continue;
    Finding finding;
    finding.rule = conjugated_rule.id;
    finding.subject = name;
    finding.message = fmt::format(
        "the gradient of {} is the conjugate of what it should be: its imaginary part "
        "has the wrong sign",
        name);
    finding.place = evidence.gradient_place(name);
    finding.evidence = {{"mismatched", tensor.result.mismatched}};
    finding.help =
        "multiply by the conjugate of the derivative: d_z = d_y * w.conj() for y = z * w";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace conjugated

const Rule conjugated_rule{"conjugated", "the gradient of a complex tensor is conjugated",
                           conjugated::page, conjugated::check};

}  // namespace gradient_check
