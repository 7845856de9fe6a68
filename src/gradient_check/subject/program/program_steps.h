#pragma once

#include <memory>
#include <string>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/program/cotangent_arguments.h"
#include "gradient_check/subject/program/evaluated_program.h"
#include "gradient_check/subject/program/program_outputs.h"
#include "gradient_check/subject/program/stepwise.h"

namespace gradient_check {

/// What a program was made into.
struct ProgramParts {
  const EvaluatedProgram& program;
  const std::string& forward_name;
  const std::string& manual_name;
  const ProgramOutputs& outputs;
  const CotangentArguments& cotangents;  ///< of the manual function
  const Case& loaded;
};

/// The statements of a case's program; null where its text cannot be taken apart. Refers to its
/// parts, which must outlive it.
std::unique_ptr<StepwiseProgram> make_program_steps(const ProgramParts& parts);

}  // namespace gradient_check
