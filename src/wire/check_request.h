#pragma once

#include <string>
#include <vector>

namespace gradient_check::wire {

/// What a worker is asked to check: a case file, or an entry of a program.
struct CheckRequest {
  std::string path;
  std::string entry{};  ///< of a program; empty: the one that can be meant
  std::string named{};  ///< what a case that is drafted calls the program's file
};

/// The case file that a program was made into, or why it was not.
struct Draft {
  std::string text;
  std::string error;
};

// As bytes, and back. Throw nlohmann::json::exception where they are none.
std::string to_bytes(const CheckRequest& request);
CheckRequest check_request_from_bytes(const std::string& bytes);
std::string to_bytes(const Draft& draft);
Draft draft_from_bytes(const std::string& bytes);
std::string to_bytes(const std::vector<std::string>& names);
std::vector<std::string> names_from_bytes(const std::string& bytes);

}  // namespace gradient_check::wire
