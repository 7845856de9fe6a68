#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/case/expectation.h"
#include "gradient_check/case/json_value.h"
#include "gradient_check/case/named_tensors.h"
#include "gradient_check/case/overrides.h"
#include "gradient_check/case/program_options.h"
#include "gradient_check/case/train_options.h"

namespace gradient_check {

/// The user's program. `label` is what findings call its file: the path of the program's file, or
/// `CASE.json#/program/source` for one written inside the case. Lines count from the program's
/// first.
struct ProgramText {
  std::string label;
  std::string text;
  ProgramOptions options{};
  bool is_code = false;  ///< `text` is Python already, whatever the file was
};

/// A layer or loss as the case file states it. Its options are validated by its own table row.
struct LayerSpec {
  std::string type;
  JsonCursor cursor;
};

enum class FiniteDifferenceMode { automatic, every_element, directional, off };

/// `check` of a case. The tolerances are added to the rounding that the checker measures.
struct CheckOptions {
  double rtol = 0;
  double atol = 0;
  FiniteDifferenceMode finite_difference = FiniteDifferenceMode::automatic;
  int order = 1;       ///< 2: Hessian-vector products are checked as well
  bool plots = false;  ///< the result keeps elements of each gradient, for plots
};

/// Gradients that were computed elsewhere, by parameter, floating ones in the case's dtype.
struct RecordedGradients {
  NamedTensors tensors;
  Position position;  ///< where the case names them
};

/// A validated case file. Exactly one of `program` and `layers` is present.
struct Case {
  std::string file;
  std::string name;
  std::string description;
  at::ScalarType dtype = at::kFloat;
  std::uint64_t seed = 0;
  NamedTensors inputs;      ///< floating ones in `dtype` unless they say otherwise
  NamedTensors parameters;  ///< all floating
  std::optional<ProgramText> program;
  std::vector<LayerSpec> layers;
  std::optional<LayerSpec> loss;
  /// Adjoint variables with the forward values they belong to: {"d_loss": "y_pred"}.
  std::vector<std::pair<std::string, std::string>> adjoints;
  std::optional<RecordedGradients> gradients;  ///< in place of manual code
  CheckOptions check;
  std::optional<TrainOptions> train;
  std::optional<Expectation> expect;
  std::shared_ptr<const JsonValue> document;  ///< keeps what the cursors point to
  std::shared_ptr<const std::string> document_file;

  /// A cursor to a member of the document's top level, or nothing.
  std::optional<JsonCursor> section(std::string_view key) const;
};

/// Reads and validates a case file. Seeds LibTorch's CPU generator and draws the tensors in file
/// order. Throws CaseError.
Case load_case(const std::filesystem::path& path, const CaseOverrides& overrides = {});

/// The same from text that has been read already; `path` names it and is where files are looked up.
Case load_case_text(const std::string& text, const std::filesystem::path& path,
                    const CaseOverrides& overrides = {});

}  // namespace gradient_check
