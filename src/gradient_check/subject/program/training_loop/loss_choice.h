#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "gradient_check/subject/program/training_loop/loss_watch.h"
#include "gradient_check/subject/program/training_loop/update_reader.h"

namespace gradient_check {

/// An update, and the leaf that stood for its parameter while a turn was followed.
struct FollowedUpdate {
  ReadUpdate update;
  std::size_t leaf;
};

/// The manual gradient that an update is made of.
at::Tensor gradient_of(const MovedAlong& moved);
/// A gradient in the shape of its parameter, where it only differs in dimensions of one element.
at::Tensor shaped(const at::Tensor& gradient, const at::Tensor& parameter);

/// Which of the scalars that a turn computes is its loss: one that depends on as many parameters as
/// any; of these what the updates' gradients are those of, and then what is called so.
class LossChoice {
 public:
  /// `leaves`: what stood for the parameters while `seen` was computed.
  LossChoice(std::vector<LossWatch::Seen> seen, const std::vector<at::Tensor>& leaves);

  /// Whether any of them depends on a leaf.
  bool any() const { return !possible_.empty(); }
  bool depends_on(std::size_t leaf) const { return gradients_[possible_.front()][leaf].defined(); }

  /// `wanted`: the name that the case says; empty for any.
  void choose(const std::vector<FollowedUpdate>& updates, const std::string& wanted);
  const LossSite& chosen() const { return seen_[chosen_].site; }
  /// Whether neither a name nor the gradients speak for it.
  bool is_doubtful() const;
  /// What else could be one, by name.
  std::vector<std::string> others() const;
  /// Whether a parameter is moved the way in which the chosen loss grows.
  bool points_along(const MovedAlong& moved, std::size_t leaf) const;

 private:
  bool is_differentiated(std::size_t scalar, const std::vector<FollowedUpdate>& updates) const;

  std::vector<LossWatch::Seen> seen_;
  std::vector<std::vector<at::Tensor>> gradients_;  ///< by scalar and leaf
  std::vector<std::size_t> possible_;
  std::size_t chosen_ = 0;
  bool is_meant_ = false;  ///< the gradients are those of the chosen one
};

}  // namespace gradient_check
