#pragma once

#include <string>
#include <vector>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/program/cotangent_arguments.h"
#include "gradient_check/subject/program/evaluated_program.h"

namespace gradient_check {

constexpr const char* tangent_suffix = "_tangent";  ///< of an argument of hvp and jvp

/// Throws SubjectError where a function, called with a case's tensors by name, needs an argument
/// that is none of them. `with_tangents`: each has a tangent too.
void expect_arguments(const EvaluatedProgram& program, const std::string& function,
                      const Case& loaded, bool with_tangents);

/// Those that such a function needs and that are none of a case's tensors.
std::vector<std::string> missing_arguments(const EvaluatedProgram& program,
                                           const std::string& function, const Case& loaded);

/// The arguments of such a function that take the cotangents of `outputs`. Throws SubjectError
/// where they cannot.
CotangentArguments cotangents_of(const EvaluatedProgram& program, const std::string& function,
                                 const Case& loaded, bool with_tangents,
                                 const ProgramOutputs& outputs);

}  // namespace gradient_check
