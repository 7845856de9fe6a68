#include "gradient_check/diagnosis/blame/edited_program.h"

namespace gradient_check {

EditedProgram with_text(const StepwiseProgram& program, const std::string& text) {
  EditedProgram edited;
  if ((edited.steps = program.with_text(text))) {
    edited.program = edited.steps.get();
    return edited;
  }
  try {
    edited.subject = program.edited(text, 0);
    edited.program = edited.subject->stepwise();
  } catch (const std::exception&) {
  }
  return edited;
}

}  // namespace gradient_check
