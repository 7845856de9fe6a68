#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/edit.h"
#include "gradient_check/diagnosis/finding.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// What a constant factor is made of, in the user's terms.
struct FactorText {
  std::string phrase;  ///< "4, the rows of X"; empty where nothing of the program gives that number
  std::string multiply;  ///< what the wrong expression wants behind it: " / X.size(0)"
};

/// An epsilon in a statement that moves its value.
struct GuardEffect {
  std::string text;  ///< "1 - p + 1e-7"
  double size = 0;   ///< largest change that it makes, relative to the value's largest element
};

/// The one place where something goes wrong: everything before it is right, and with the right
/// value here what comes after it is right, up to the next culprit.
struct Culprit {
  std::string subject;  ///< the variable it gives, or the dictionary's key
  std::string
      adjoint_of;  ///< the forward value whose adjoint it should be; empty for another value
  std::string truth_text;  ///< in words: "∂loss/∂p", "σ(l1) of the forward"
  std::optional<Place> place, helper;
  std::string stage;                    ///< "layer 2 (gelu)", where it is the backward of one
  std::string statement;                ///< as written
  std::vector<std::string> iterations;  ///< "t = 3", where it is wrong in a loop
  at::Tensor value, truth;
  double largest_error = 0;
  std::vector<std::string> gradients;        ///< those it spoils
  std::vector<std::int64_t> wrong_elements;  ///< flat indices, where at least a third are right
  std::string pattern;                       ///< which these are, in words

  Change change = Change::none;
  std::string before, after, within;  ///< see Edit
  double factor = 1;                  ///< of a scale: wrong = factor · right
  FactorText factor_text;
  std::string missing_line_text;  ///< of a missing term: the forward's statement that it comes from
  std::size_t missing_line = 0;
  std::optional<GuardEffect> guard;
  bool only_guard = false;  ///< nothing but the guard is wrong
  std::optional<Fix> fix;
  bool writes_a_part = false;  ///< the statement writes some elements: d_x[0] = …, index_copy_
  bool proved = false;  ///< re-run with the truth in its place: all that depends on it matches
};

}  // namespace gradient_check
