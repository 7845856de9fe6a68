#pragma once

#include <memory>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/layer_chain.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// The subject of a case with `layers`: a chain of hand-written layers and perhaps a loss, looked
/// up in `tables`. Parameters are named INDEX.NAME as in torch.nn.Sequential. Throws CaseError
/// where the chain does not fit together.
std::unique_ptr<Subject> make_layered_subject(const Case& loaded, const LayerTables& tables = {});

}  // namespace gradient_check
