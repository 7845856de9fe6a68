#pragma once

#include <filesystem>
#include <string>

#include "gradient_check/case/overrides.h"
#include "gradient_check/case/program_overrides.h"
#include "gradient_check/subject/program/entries/program_draft.h"

namespace gradient_check {

/// A case for an entry of a program: with what the command line gives, and where that is not all
/// that is needed, with usual values for arguments and with the first small shapes for which
/// forward and backward run and gradients have the shapes of what they belong to. Throws CaseError
/// and SubjectError, which say what is missing.
ProgramDraft drafted_case(const std::filesystem::path& path, const std::string& entry,
                          const ProgramOverrides& given, const CaseOverrides& overrides);

}  // namespace gradient_check
