#pragma once

#include <string>

#include "gradient_check/diagnosis/culprit.h"
#include "gradient_check/diagnosis/rule.h"

namespace gradient_check {

/// The finding about a culprit: its place, evidence, proof and fix. `help` is what to write where
/// no fix of the text is known.
Finding finding_about(const Rule& rule, const Culprit& culprit, std::string message,
                      std::string help);

/// "-4 times ∂loss/∂p".
std::string times_truth(const Culprit& culprit);
/// "in d_x, `1 + t * t`" where a part of the statement is wrong.
std::string part_text(const Culprit& culprit);
/// "the gradient of w" for an entry of the dictionary, the variable's name otherwise.
std::string value_words(const Culprit& culprit);
/// The value that the subject should have, in words: "∂loss/∂p", "its right value".
std::string truth_words(const Culprit& culprit);

/// Whether the value has not the shape of what it should be.
bool has_other_shape(const Culprit& culprit);
/// Whether it is the right value before it is summed over what was broadcast.
bool is_unreduced(const Culprit& culprit);
/// Whether nothing explains a culprit but which of its elements are wrong.
bool is_partly_wrong(const Culprit& culprit);

/// Whether a culprit among those already found spoils that gradient.
bool is_blamed(const Evidence& evidence, const std::string& gradient);

}  // namespace gradient_check
