#pragma once

#include "gradient_check/case/program_options.h"

namespace gradient_check {

/// The keys of a case's `program`.
const std::vector<std::string>& program_keys();

/// Reads what a case's `program` says besides its text. Throws CaseError.
ProgramOptions load_program_options(const JsonCursor& program);

}  // namespace gradient_check
