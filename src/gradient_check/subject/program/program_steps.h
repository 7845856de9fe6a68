#pragma once

#include <memory>
#include <string>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/program/compiled_program.h"
#include "gradient_check/subject/program/stepwise.h"

namespace gradient_check {

/// The statements of a case's program; null where its text cannot be taken apart. Refers to its
/// arguments, which must outlive it.
std::unique_ptr<StepwiseProgram> make_program_steps(const CompiledProgram& program,
                                                    const CompiledFunction& forward,
                                                    const std::string& forward_name,
                                                    const CompiledFunction& manual,
                                                    const std::string& manual_name,
                                                    const Case& loaded);

}  // namespace gradient_check
