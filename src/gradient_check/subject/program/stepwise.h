#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/subject/program/trace.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A program whose statements can be run one by one and replaced. Works in the dtype of the values
/// it is given; evaluate it inside an EvaluationScope of that dtype. Functions throw where a
/// statement cannot be run alone.
class StepwiseProgram {
 public:
  virtual ~StepwiseProgram() = default;

  /// The manual function (step or backward).
  virtual Trace run_manual(const NamedTensors& values, const at::Tensor& grad_output,
                           const TraceOptions& options) const = 0;
  /// The forward, followed by autograd; `values` may require gradients.
  virtual Trace run_forward(const NamedTensors& values, const at::Tensor& grad_output) const = 0;

  virtual const std::string& text() const = 0;
  /// Whether its tensors are NumPy's arrays.
  virtual bool arrays() const = 0;
  virtual const std::vector<FunctionSyntax>& functions() const = 0;
  /// The functions with one argument that the program itself defines.
  virtual std::vector<std::string> unary_functions() const = 0;
  virtual Place place_of(const Span& span) const = 0;
  /// The names that the case pairs: an adjoint's variable with its forward value's.
  virtual const std::vector<std::pair<std::string, std::string>>& adjoints() const = 0;
  virtual SnippetRunner& runner() const = 0;
  /// The same program with another text; null where that cannot be run.
  virtual std::unique_ptr<StepwiseProgram> with_text(const std::string& text) const = 0;
  /// The same case with another text, and its floating tensors moved by about `perturbation` of
  /// their size. Throws SubjectError where it does not compile.
  virtual std::unique_ptr<Subject> edited(const std::string& text, double perturbation) const = 0;
};

}  // namespace gradient_check
