#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/case/train_options.h"
#include "gradient_check/subject/place.h"

namespace gradient_check {

/// What is known of the training loop that a subject is one turn of.
struct LoopFacts {
  /// Something that the loop does to a tensor, where, and as it is written.
  struct Deed {
    std::string name;
    Place place;
    std::string text;
  };
  /// Updates that add what they should subtract.
  std::vector<Deed> ascending;
  /// Memory that is read before anything was written to it; `text` is what made it.
  std::vector<Deed> unwritten;
  /// An update that comes before the old value has been used for the last time.
  struct Early {
    Deed update;
    std::vector<std::string> spoiled;  ///< gradients that are right with that update put off
  };
  std::vector<Early> early;
  /// A gradient that still holds what an earlier turn added to it.
  struct Kept {
    Deed adding;  ///< `name` is the buffer's
    std::string parameter;
    std::int64_t turn;  ///< from 1
  };
  std::vector<Kept> kept;
  std::int64_t turn = 1;  ///< which one is checked, from 1
  std::string loss;       ///< what is differentiated
  std::vector<std::string> other_losses;
  /// The loop as training, where each turn moves the parameters by one rate along the gradient.
  std::optional<TrainOptions> training;
};

}  // namespace gradient_check
