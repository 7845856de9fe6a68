#pragma once

#include <memory>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// The subject of a case with `layers`: a chain of the project's hand-written layers and perhaps a
/// loss. Parameters are named INDEX.NAME as in torch.nn.Sequential and drawn in that order, those
/// set in the case replaced afterwards. Throws CaseError where the chain does not fit together.
std::unique_ptr<Subject> make_layered_subject(const Case& loaded);

}  // namespace gradient_check
