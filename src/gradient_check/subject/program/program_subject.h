#pragma once

#include <functional>
#include <memory>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// The subject of a case with a `program`: step, or forward and backward, or forward alone. Throws
/// SubjectError where it is no Python, its arguments cannot be bound, or it fails when it is run to
/// see what it returns. `made` is told of it before that. `perturbation`: how far the parameters
/// are moved, as a part of each element.
std::unique_ptr<Subject> make_program_subject(const Case& loaded,
                                              const std::function<void(const Subject&)>& made = {},
                                              double perturbation = 0);

}  // namespace gradient_check
