#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <unordered_map>

#include "gradient_check/subject/program/training_loop/update_terms.h"
#include "gradient_check/subject/program/training_loop/value_log.h"

namespace gradient_check {

/// What a parameter is moved along: what is added to it is `sign` times a positive multiple of
/// `value`.
struct MovedAlong {
  at::Tensor value;
  int sign = 1;
  const python::ast::Expression* made_at = nullptr;  ///< where `value` is computed
  bool through_state = false;      ///< a momentum or another memory of earlier turns stood between
  bool of_autograd = false;        ///< it is PyTorch's own `.grad`
  std::optional<double> rate = 1;  ///< the multiple, where it is one number
};

/// Finds the gradient in what an update adds: takes off the learning rate and its schedule,
/// momentum, the denominators of Adam and its like, and clipping.
class UpdateGradient {
 public:
  /// Buffers that were changed in place in this turn, by identity.
  struct Buffer {
    bool scaled = false;
    std::optional<MovedAlong> added;  ///< the last one
  };
  using Buffers = std::unordered_map<const void*, Buffer>;
  /// Whether a value is kept from turn to turn, and no parameter: momentum.
  using IsState = std::function<bool(const python::ast::Expression&, const python::Value&)>;

  UpdateGradient(const ValueLog& log, const Buffers& buffers, IsState is_state,
                 const std::unordered_map<const void*, at::Tensor>& before_clipping)
      : log_(log), buffers_(buffers), is_state_(std::move(is_state)), clipped_(before_clipping) {}

  /// Of a sum of terms; `all_scalars_are_rates` inside a momentum's sum. An undefined value where
  /// nothing there is a floating tensor or number.
  MovedAlong of(const std::vector<Term>& terms, bool all_scalars_are_rates = false) const;

 private:
  MovedAlong of_term(const python::ast::Expression& expression, bool all_rates, int depth) const;
  MovedAlong of_sum(const std::vector<Term>& terms, bool all_rates, int depth) const;
  MovedAlong of_product(const python::ast::Expression& expression, const Product& product,
                        bool all_rates, int depth) const;
  MovedAlong of_leaf(const python::ast::Expression& expression, int depth) const;
  std::optional<MovedAlong> of_maker(const python::ast::Expression& maker, int depth) const;
  /// A momentum times numbers.
  bool is_state_term(const python::ast::Expression& expression, int depth) const;
  /// Whether memory of earlier turns is in it, element by element: sqrt(v) + eps.
  bool holds_state(const python::ast::Expression& expression, int depth) const;
  double rate_inside(const python::ast::Expression& expression) const;
  bool is_scalar(const python::ast::Expression& expression) const;
  bool is_number(const python::ast::Expression& expression) const;
  at::Tensor value_of(const python::ast::Expression& expression) const;

  const ValueLog& log_;
  const Buffers& buffers_;
  IsState is_state_;
  const std::unordered_map<const void*, at::Tensor>& clipped_;
};

}  // namespace gradient_check
