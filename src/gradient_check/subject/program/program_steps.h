#pragma once

#include <memory>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/program/entries/entry.h"
#include "gradient_check/subject/program/evaluated_program.h"
#include "gradient_check/subject/program/stepwise.h"

namespace gradient_check {

/// What a program was made into.
struct ProgramParts {
  const Case& loaded;
  EvaluatedProgram& program;
  Entry& entry;
};

/// The statements of a case's program; null where its manual code is no function of the program.
/// Refers to its parts, which must outlive it.
std::unique_ptr<StepwiseProgram> make_program_steps(const ProgramParts& parts);

}  // namespace gradient_check
