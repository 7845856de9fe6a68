#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "diagnosis/effect.h"
#include "diagnosis/mutations.h"
#include "gradient_check/check.h"

namespace gradient_check {

/// A correct case whose program is mutated. What a mutation does is judged here by the manual
/// gradients alone, so that the tool's own verdict has no part in it.
class MutantCase {
 public:
  /// Throws where the case cannot be read or its manual code does not run.
  explicit MutantCase(const std::filesystem::path& path);

  std::string name() const { return path_.stem().string(); }
  const std::string& text() const { return text_; }
  const std::vector<Mutation>& mutations() const { return mutations_; }

  /// The manual gradients of another text in float64, at the case's point; nothing where it does
  /// not compile or run.
  std::optional<NamedTensors> gradients(const std::string& text) const;
  /// Those of the program itself.
  const NamedTensors& right() const { return right_; }
  /// Whether some gradient is off by more than the design promises to catch: 1e-3 (float32) or 1e-8
  /// (float64) of the largest element of the right one. A right gradient that is a millionth of the
  /// others, or less, is measured by them: it is rounding.
  bool differ(const NamedTensors& a, const NamedTensors& b) const;
  /// What the tool says of another text; nothing for a verdict of error.
  std::optional<CaseResult> check(const std::string& text) const;
  /// Rules that describe the value of the mutated statement as well as those of the mutation's
  /// kind do.
  std::set<std::string> rules_of(const Mutation& mutation) const;
  /// The line of the first value that a mutation makes wrong, as far as statements can be followed.
  std::optional<std::size_t> first_wrong_line(const Mutation& mutation) const;

 private:
  struct Program;
  Program load(const std::string& text) const;
  std::vector<TracedWrite> writes_of(const std::string& text) const;

  std::filesystem::path path_;
  nlohmann::ordered_json json_;  ///< the case without its expectation
  std::string text_;
  NamedTensors right_;
  std::vector<TracedWrite> writes_;
  std::vector<Mutation> mutations_;
};

/// The cases in cases/programs, and the repaired ones in cases/notebook, that are expected to pass
/// and have manual code.
std::vector<MutantCase> mutant_cases(const std::filesystem::path& cases);

}  // namespace gradient_check
