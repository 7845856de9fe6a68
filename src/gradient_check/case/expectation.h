#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gradient_check {

/// One entry of `expect.findings`: only the fields given are compared.
struct ExpectedFinding {
  std::optional<std::string> rule, subject, severity, file;
  std::optional<std::string> phase;  ///< forward, manual, autograd, update; backward: either
  std::optional<std::int64_t> line, column, step;
  std::optional<std::vector<std::int64_t>> index;
};

struct Expectation {
  std::optional<std::string> verdict;
  std::vector<ExpectedFinding> findings;
};

}  // namespace gradient_check
