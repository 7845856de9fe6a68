#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/finding.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// How a value that is not finite came out of finite ones. One rule each; the rule's id is
/// rule_of(cause).
enum class Cause {
  log_of_zero,
  log_of_negative,
  division_by_zero,
  zero_over_zero,
  zero_times_infinity,
  infinity_minus_infinity,
  infinity_over_infinity,
  exp_overflow,
  overflow,
  sqrt_of_negative,
  domain_error,
  infinite_slope,
  all_masked,
  empty_reduction
};
const char* rule_of(Cause cause);

/// The part of an evaluation that an operation belongs to: what the loss needs, the manual code
/// behind it, autograd's own backward, the step of the parameters.
enum class Phase { forward, manual, autograd, update };
const char* to_string(Phase phase);

/// An operand at the element in question.
struct OperandValue {
  std::string text;  ///< as the program writes it; empty where it does not
  double value = 0;
};

/// Where a value that is not finite was born, and how it got to where it was seen.
struct Birth {
  Cause cause = Cause::domain_error;
  Phase phase = Phase::forward;
  std::string op;                    ///< "log", or the type of the layer
  std::string text;                  ///< as the program writes it: "torch.log(1 - p)"
  std::string variable;              ///< that the statement assigns; empty where none is
  std::optional<Place> place, call;  ///< `call`: of the helper function that the operation is in
  std::vector<std::int64_t> index;
  double value = 0;
  std::int64_t elements = 1;  ///< how many were born there at once
  std::vector<OperandValue> operands;
  std::vector<std::string> origin;   ///< why the operands are what they are, a sentence each
  std::vector<std::string> reaches;  ///< "loss", and the gradients it spoils
  std::vector<ChainLink> chain;      ///< from here to where it was seen
  std::string dtype;
  std::optional<Fix> fix;            ///< a stable form of the expression
  bool fixes_a_mistake = false;      ///< `fix` is no stable form: the statement was wrong
  std::optional<std::int64_t> step;  ///< of training
  bool is_symptom = false;           ///< of a cause that training found
  bool is_ahead = false;             ///< of the step after the last: nothing was lost yet
  std::string stable_form;           ///< what to write, in words, where the text cannot be edited
  bool is_layer = false;             ///< `op` and `text` are a layer's; it is one operation
  bool of_given_infinity = false;    ///< made of infinities that the case or the program states
  bool value_is_finite = true;       ///< of an infinite slope: whether the operation's own value is
};

}  // namespace gradient_check
