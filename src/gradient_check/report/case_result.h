#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/comparison/gradient_result.h"
#include "gradient_check/diagnosis/finding.h"
#include "gradient_check/diagnosis/training_result.h"

namespace gradient_check {

/// What was found in one case. `error`: it could not be evaluated.
enum class Verdict { pass, fail, inconclusive, error };
const char* to_string(Verdict verdict);

/// A file that findings point into: the program, or the case file.
struct SourceText {
  std::string file;  ///< as findings name it
  std::string text;
};

/// All that is reported of one case. Converts to and from JSON without loss; reporters take nothing
/// else.
struct CaseResult {
  std::string file;
  std::string name;
  Verdict verdict = Verdict::error;
  std::optional<bool> as_expected;  ///< absent where the case states no expectation
  std::string unmet;                ///< how the expectation was not met
  std::string message;              ///< why, for error and inconclusive
  std::string taken;                ///< values that were found for what nobody gave: "x [4, 3]"
  std::optional<Place> place;       ///< of the error
  std::string json_path;            ///< of the error, in a case file
  std::string last_output;          ///< what a case that ended its process printed last
  double seconds = 0;
  std::optional<LossValues> loss;
  std::vector<GradientResult> gradients;
  std::vector<Finding> findings;
  std::optional<TrainingResult> training;
  std::vector<SourceText> sources;  ///< kept only where plots are
  bool unread = false;              ///< its file was not to be read; message says why
  bool skipped = false;             ///< not run: --fail-fast ended the run before it

  /// Whether the case counts as passed: as expected, or pass where nothing was expected.
  bool passed() const { return !skipped && as_expected.value_or(verdict == Verdict::pass); }
  /// Whether it counts as an error rather than a failure.
  bool errored() const { return !skipped && !passed() && verdict == Verdict::error; }
};

nlohmann::ordered_json to_json(const CaseResult& result);
/// Throws nlohmann::json::exception or std::invalid_argument where the JSON is not a case's.
CaseResult case_result_from_json(const nlohmann::ordered_json& json);

/// A number as the report writes it: non-finite ones as "nan", "inf", "-inf".
nlohmann::ordered_json number_to_json(double value);
double number_from_json(const nlohmann::ordered_json& json);

}  // namespace gradient_check
