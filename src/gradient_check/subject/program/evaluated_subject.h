#pragma once

#include <memory>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// The subject of a case with a `program`, run by the evaluator of python/. Throws SubjectError.
std::unique_ptr<Subject> make_evaluated_subject(const Case& loaded);

}  // namespace gradient_check
