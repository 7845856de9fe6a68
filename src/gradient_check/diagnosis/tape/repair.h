#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/tape/taped.h"

namespace gradient_check {

/// Gives each birth the first of its stable forms that, put in place and run, leaves nothing of it,
/// and gives the same value as before wherever that was finite: at points around the given one.
void repair_births(const TapePoint& point, std::vector<Birth>& births);

/// The subject with all of these births' fixes in its text; null where there are none.
std::unique_ptr<Subject> repaired(const Subject& subject, const std::vector<Birth>& births);

}  // namespace gradient_check
