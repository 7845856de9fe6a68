#pragma once

#include "gradient_check/diagnosis/rule.h"

namespace gradient_check {

// One per file of this folder; table.cpp lists them.
extern const Rule non_finite_input_rule, nondeterministic_rule, mutates_input_rule,
    forward_mismatch_rule, missing_gradient_rule, broadcast_not_reduced_rule, shape_mismatch_rule,
    grad_output_ignored_rule, reference_wrong_rule, kink_rule, discontinuity_rule,
    precision_loss_rule, conjugated_rule, sign_flipped_rule, wrong_scale_rule, wrong_reduction_rule,
    missing_factor_rule, extra_factor_rule, wrong_operand_rule, transposed_rule,
    swapped_gradients_rule, missing_term_rule, guard_bias_rule, wrong_elements_rule,
    unexplained_rule, log_of_zero_rule, log_of_negative_rule, division_by_zero_rule,
    zero_over_zero_rule, zero_times_infinity_rule, infinity_minus_infinity_rule,
    infinity_over_infinity_rule, exp_overflow_rule, overflow_rule, sqrt_of_negative_rule,
    domain_error_rule, infinite_slope_rule, all_masked_rule, empty_reduction_rule,
    gradient_ascent_rule, learning_rate_too_large_rule, exploding_gradient_rule,
    vanishing_gradient_rule, saturated_rule, dead_relu_rule, uninitialised_rule,
    updated_too_early_rule, not_reset_rule;

}  // namespace gradient_check
