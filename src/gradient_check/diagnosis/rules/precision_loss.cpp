#include <fmt/format.h>

#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace precision_loss {

constexpr const char* page =
    R"(The code is right in float64, but in the dtype it runs in, or because some operation narrows to a
smaller dtype, it loses digits that the same gradient computed by autograd keeps.

Example:   var = (x * x).mean() - x.mean() ** 2        (cancels when the mean is large)
Instead:   var = ((x - x.mean()) ** 2).mean()
)";

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>&) {
  std::vector<Finding> findings;
  if (evidence.narrow) {
    Finding finding;
    finding.rule = precision_loss_rule.id;
    finding.severity = Severity::warning;
    finding.subject = "forward";
    finding.message = fmt::format("the forward is not float64 throughout: {} computes in {}",
                                  evidence.narrow->op, evidence.narrow->dtype);
    if (evidence.narrow->line > 0)
      finding.place =
          Place{evidence.narrow->file, evidence.narrow->line, evidence.narrow->column, 1, ""};
    finding.evidence = {{"op", evidence.narrow->op}, {"dtype", evidence.narrow->dtype}};
    finding.help =
        "leave the dtype out, or take it from an argument (x.dtype), so that the same code "
        "can be checked in float64";
    findings.push_back(std::move(finding));
  }
  for (const TensorComparison& tensor : evidence.tensors) {
    if (tensor.precision == PrecisionLoss::none || !tensor.result.worst) continue;
    const bool of_dtype = tensor.precision == PrecisionLoss::of_dtype;
    Finding finding;
    finding.rule = precision_loss_rule.id;
    finding.severity =
        tensor.precision == PrecisionLoss::gross ? Severity::error : Severity::warning;
    finding.subject = tensor.result.name;
    finding.message =
        fmt::format("the formula for the gradient of {} is right, but {}: {}", tensor.result.name,
                    of_dtype ? "this dtype is too narrow for it, autograd's in it is off as much"
                             : "loses digits in this dtype that autograd keeps",
                    values_text(*tensor.result.worst));
    finding.place = evidence.gradient_place(tensor.result.name);
    finding.evidence = {{"max_abs_error", number_text(tensor.result.max_abs_error)}};
    finding.help =
        of_dtype ? "compute this part in float32, or scale its values"
                 : "look for a difference of two large, nearly equal values, or a square that "
                   "overflows, and rearrange it";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace precision_loss

const Rule precision_loss_rule{"precision-loss", "rounding, not the formula, moves the gradient",
                               precision_loss::page, precision_loss::check};

}  // namespace gradient_check
