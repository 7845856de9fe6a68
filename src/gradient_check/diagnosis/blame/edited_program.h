#pragma once

#include <memory>
#include <string>

#include "gradient_check/subject/program/stepwise.h"

namespace gradient_check {

/// A program with edits made, and what it lives in.
struct EditedProgram {
  std::unique_ptr<Subject> subject;        ///< where all of it had to be compiled
  std::unique_ptr<StepwiseProgram> steps;  ///< where only its manual function differs
  const StepwiseProgram* program = nullptr;

  explicit operator bool() const { return program != nullptr; }
};

/// `program` with another text; empty where that does not compile.
EditedProgram with_text(const StepwiseProgram& program, const std::string& text);

}  // namespace gradient_check
