#pragma once

#include <memory>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A subject whose manual gradients were computed elsewhere, in numpy, C or CUDA, and recorded:
/// they take the place of the subject's own backward, if it has one. They hold at the subject's
/// point, in `dtype`, for an output of one number with cotangent 1; asked for anything else it
/// throws SubjectError.
std::unique_ptr<Subject> with_recorded_gradients(std::unique_ptr<Subject> subject,
                                                 const RecordedGradients& gradients,
                                                 at::ScalarType dtype);

}  // namespace gradient_check
