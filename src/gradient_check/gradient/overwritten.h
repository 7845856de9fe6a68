#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gradient_check/gradient/evaluation.h"

namespace gradient_check {

/// A value that autograd saved for a backward and that the forward wrote over afterwards: PyTorch
/// refuses such a program.
struct OverwrittenValue {
  std::optional<RunningPlace> saved;    ///< the operation whose gradient needs it
  std::optional<RunningPlace> written;  ///< what wrote over it
};

/// Whether autograd's message says so.
bool is_about_overwriting(const std::string& message);

/// The last value of a forward that was saved and written over, which a backward meets first.
std::optional<OverwrittenValue> find_overwritten(const Subject& subject, const NamedTensors& values,
                                                 const std::vector<std::string>& targets,
                                                 const at::Tensor& grad_output, bool writes);

/// What is said of it, at the place where it was written.
SubjectError error_of(const OverwrittenValue& overwritten);

}  // namespace gradient_check
