#pragma once

#include "gradient_check/diagnosis/rule.h"

namespace gradient_check {

// One per file of this folder; table.cpp lists them.
extern const Rule non_finite_input_rule, nondeterministic_rule, mutates_input_rule,
    forward_mismatch_rule, missing_gradient_rule, broadcast_not_reduced_rule, shape_mismatch_rule,
    grad_output_ignored_rule, reference_wrong_rule, kink_rule, precision_loss_rule,
    sign_flipped_rule, wrong_scale_rule, wrong_reduction_rule, missing_factor_rule,
    extra_factor_rule, wrong_operand_rule, transposed_rule, swapped_gradients_rule,
    missing_term_rule, guard_bias_rule, wrong_elements_rule, unexplained_rule;

}  // namespace gradient_check
