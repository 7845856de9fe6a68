#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/comparison/tolerance.h"
#include "gradient_check/gradient/conventions.h"
#include "gradient_check/gradient/objective.h"

namespace gradient_check {

/// Judges elements of one tensor by the conventions of the forward's operators (see Convention),
/// where differences element by element contradict autograd. A convention applies only where f
/// bears it out:
///  - symmetric: f does not depend on one triangle at all, and along E_ij + E_ji changes as
///  autograd
///    says; or it does so for all i, j of each matrix;
///  - triangular: f does not depend on the other triangle, where autograd's value and 0 are both
///    right;
///  - unchanged_row: nowhere in the row, where autograd is 0;
///  - chosen, straight_through: differences tell nothing.
class ConventionJudge {
 public:
  /// `judged_tolerance`, `reference_tolerance`: how far a manual element, or autograd's, may be
  /// off.
  ConventionJudge(std::string name, const GradientSources& sources, Elements judged,
                  double judged_tolerance, double reference_tolerance, Objective* objective,
                  Conventions* conventions);

  /// Whether a convention speaks of that element.
  bool applies(std::int64_t index);
  /// How far the judged gradient is from one that is right by it, where it applies; of
  /// symmetric matrices, both elements together.
  double distance(std::int64_t index) const;
  /// Whether one does, and the judged gradient is right by it, as a whole.
  bool accepts(std::int64_t index);
  const std::optional<Convention>& applied() const { return applied_; }

 private:
  struct Position {
    std::int64_t matrix = 0, row = 0, column = 0;
  };
  enum class Triangle { none, lower, upper };

  void find();
  bool holds(const Convention& convention);
  bool confirms_pairs();
  bool reads_one_triangle();
  bool confirms_pair(std::int64_t index, double slack);
  bool confirms(double expected, std::int64_t first, std::int64_t second, double slack);
  Position position(std::int64_t index) const;
  std::int64_t transposed(std::int64_t index) const;
  bool is_read(std::int64_t index) const;

  std::string name_;
  at::Tensor value_;
  Elements autograd_, judged_;
  double judged_tolerance_, reference_tolerance_;
  double slack_;  ///< a millionth of the largest element, as for the cheap differences
  Objective* objective_;
  Conventions* conventions_;
  bool searched_ = false;
  std::int64_t size_ = 0;  ///< rows and columns of each matrix; 0 where the tensor holds none
  Triangle triangle_ = Triangle::none;
  std::optional<Convention> applied_;
};

}  // namespace gradient_check
