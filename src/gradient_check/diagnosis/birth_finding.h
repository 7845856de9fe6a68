#pragma once

#include <string>
#include <vector>

#include "gradient_check/diagnosis/birth.h"
#include "gradient_check/diagnosis/rule.h"

namespace gradient_check {

/// The findings about all births of one cause. `what`: the cause in words ("the logarithm of 0");
/// `help`: what to write where the birth itself knows no better.
std::vector<Finding> birth_findings(const Rule& rule, Cause cause, const Evidence& evidence,
                                    const std::string& what, const std::string& help);

/// Whether a birth reaches that result: "loss", or a gradient by its tensor's name.
bool is_born(const Evidence& evidence, const std::string& result);

}  // namespace gradient_check
