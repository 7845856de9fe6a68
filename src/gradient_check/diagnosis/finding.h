#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/subject/place.h"

namespace gradient_check {

enum class Severity { error, warning, note };
const char* to_string(Severity severity);

/// A text edit that would make the program right. Lines and columns count from 1, the end is
/// exclusive; all within the program's file.
struct Fix {
  std::size_t line = 0, column = 0, end_line = 0, end_column = 0;
  std::string original, replacement;
  bool verified = false;  ///< the edited program was compiled and passed the whole check
};

/// An operation on the way of a value that is not finite. Numbers are text: "-inf".
struct ChainLink {
  std::string file;
  std::size_t line = 0, column = 0;
  std::string op;
  std::vector<std::int64_t> index;
  std::string value;
  std::vector<std::string> operands;
  std::string phase;  ///< forward, manual, autograd or update
};

/// One diagnosed problem, made by one rule. `message` says what is wrong, `help` what to write
/// instead; both in lower case, without a full stop.
struct Finding {
  std::string rule;
  Severity severity = Severity::error;
  std::string message;
  std::string subject;  ///< the tensor or value it is about
  std::optional<Place> place;
  nlohmann::ordered_json evidence = nlohmann::ordered_json::object();
  std::string help;
  std::vector<std::string> notes;  ///< further evidence in words, a sentence each
  std::optional<Fix> fix;
  std::vector<ChainLink> chain;  ///< from where a value that is not finite was born to the loss
};

}  // namespace gradient_check
