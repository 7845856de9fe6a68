#pragma once

#include <memory>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// The subject of a case with a `program`: step, or forward and backward, or forward alone. Throws
/// SubjectError where it is no Python, or its arguments cannot be bound.
std::unique_ptr<Subject> make_program_subject(const Case& loaded);

}  // namespace gradient_check
