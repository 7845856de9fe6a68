#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A place of the forward that detaches values, which all differences hold.
struct Detachment {
  std::optional<RunningPlace> where;  ///< nothing where it is not known, as of C++ code
  std::vector<std::size_t> calls;     ///< of detach(), counted from 0 in the forward's order
  bool matters = false;               ///< differences in which its values move are others
};

/// Detachments with which moving the differences confirm a manual gradient, which is not
/// autograd's.
struct DetachConfirmation {
  std::vector<std::size_t> at;  ///< indices of detachments
  bool dropping_helps = false;  ///< without them autograd's gradient is the manual one
};

/// A parameter that autograd's graph does not reach, and that moves the loss through what is
/// detached.
struct StarvedParameter {
  std::string name;
  std::vector<std::size_t> at;  ///< indices of those detachments
  /// One of them without which autograd gives the parameter a gradient, and those that have one
  /// the same one.
  std::optional<std::size_t> to_drop;
};

/// What is known of the values that a forward detaches.
struct DetachFacts {
  std::vector<Detachment> places;
  std::map<std::string, DetachConfirmation> confirmations;  ///< by tensor
  std::vector<StarvedParameter> starved;
  bool not_held = false;  ///< it detaches, and could not be evaluated with that held
};

}  // namespace gradient_check
