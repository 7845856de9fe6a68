#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "gradient_check/gradient/evaluations.h"

namespace gradient_check {

/// What rounding in float64 does to each element of a gradient, in units of the gradient: of the
/// size of a standard deviation. Empty where it is not known.
struct ElementRounding {
  std::vector<double> manual, autograd;
  /// What the case's dtype did to autograd's, where it is narrower: here, and then at points a
  /// rounding away. Empty where it could not be evaluated.
  std::vector<std::vector<double>> seen_in_case;
  std::vector<double> in_case;  ///< what it may do to another formula that is as right
};

/// What rounding in float64 does to each element of the gradients, seen in arithmetic of several
/// shorter mantissas (see ShortMantissa): the deviation at `bits` bits, times 2^(bits - 53); and at
/// points a rounding away, which shows what a kernel loses inside, whatever it is given. The
/// largest of ten. So it is known where the elements of one tensor differ by many orders of
/// magnitude, and each is as right as its own computation lets it be. Evaluated when first asked.
class ElementRoundings {
 public:
  explicit ElementRoundings(const Evaluations& evaluations)
      : evaluations_(evaluations), engine_(evaluations.seed + 4) {}

  const ElementRounding& of(const std::string& name);
  /// What was seen so far, which takes one look at least: less than in the end, at less cost.
  const ElementRounding& so_far(const std::string& name);
  /// Takes another look, at all gradients; false where there is none left.
  bool look_again();

 private:
  void evaluate_in_case();
  void estimate_in_case(ElementRounding& rounding) const;
  void note(const NamedTensors& values, const at::Tensor& cotangent, int bits);
  NamedTensors moved_by_rounding(std::mt19937_64& engine, at::ScalarType dtype) const;

  const Evaluations& evaluations_;
  std::size_t looks_ = 0;
  std::mt19937_64 engine_;
  std::map<std::string, ElementRounding> roundings_;
};

}  // namespace gradient_check
