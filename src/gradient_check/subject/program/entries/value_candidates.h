#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gradient_check {

/// A value that an argument may have, as JSON of a case.
struct ValueCandidate {
  bool is_tensor = true;  ///< otherwise it belongs to "arguments"
  std::string json;
};

/// What an argument of that name may be, the likeliest first.
std::vector<ValueCandidate> candidates_for(const std::string& name);

/// Whether an argument's name says that it holds classes or targets.
bool is_target_name(const std::string& name);
/// Whether it says that it is what a network is given.
bool is_data_name(const std::string& name);

/// JSON of a tensor of that shape for an argument of that name: of classes for a target of one
/// dimension.
std::string tensor_json(const std::string& name, const std::vector<std::int64_t>& shape);

}  // namespace gradient_check
