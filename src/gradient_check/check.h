#pragma once

#include <filesystem>
#include <functional>

#include "gradient_check/case/case.h"
#include "gradient_check/case/program_overrides.h"
#include "gradient_check/diagnosis/observe.h"
#include "gradient_check/report/reporter.h"
#include "gradient_check/subject/cpp/function_subject.h"

namespace gradient_check {

/// Options of a check made from C++. The dtype of the manual code is that of the first floating
/// tensor.
struct FunctionCheckOptions {
  CheckOptions check;
  std::uint64_t seed = 0;
  /// Names of the tensors that must have a gradient; empty: every floating tensor that the manual
  /// backward returns one for, and where it is null, every floating tensor.
  std::vector<std::string> parameters;
};

/// Checks a hand-written backward in C++ three ways: against LibTorch autograd of `forward`, and
/// against finite differences of it. Both are called with float64 copies of the floating `tensors`
/// as well as with their own dtype, so they should not name a dtype; where a tensor lies on a GPU
/// they are called with tensors there. A forward may return several tensors, as a std::vector or a
/// std::tuple: the backward then takes `const std::vector<at::Tensor>& grad_outputs`, one for each
/// that can be differentiated. Nothing is thrown for what is wrong with the functions: that is the
/// result.
///
///     CaseResult result = check(
///         [](const NamedTensors& t) { return (t["x"] * t["x"]).sum(); },
///         [](const NamedTensors& t, const at::Tensor& g) { return NamedTensors{{"x", 2 * t["x"] *
///         g}}; },
///         {{"x", torch::randn({3})}});
CaseResult check(const ForwardFunction& forward, const BackwardFunction& backward,
                 const NamedTensors& tensors, const FunctionCheckOptions& options = {});

/// Checks any subject.
CaseResult check_subject(const Subject& subject, const CheckSettings& settings);

/// Checks a case that has been read. Throws SubjectError and what LibTorch throws. `made`: see
/// check_file.
CaseResult check_case(const Case& loaded, const CaseOverrides& overrides,
                      const std::function<void(const Subject*)>& made = {});

/// Checks a case file: reads it, makes its subject, checks, and holds the result against what the
/// case expects. What is wrong with the file is the result (verdict error), not an exception.
/// `made`, where it is given, is told the subject before it is checked, and null after.
CaseResult check_file(const std::filesystem::path& path, const CaseOverrides& overrides = {},
                      const std::function<void(const Subject*)>& made = {});

/// A program that is checked without a case.
struct ProgramRequest {
  std::filesystem::path path;
  std::string entry;  ///< empty: the one that can be meant
  ProgramOverrides given;
};

/// What of a program can be checked, by name; empty where that is nothing, or it is no program.
std::vector<std::string> program_entries(const std::filesystem::path& path);

/// Checks one entry of a program; see check_file. The result says which values were taken for what
/// nobody gave.
CaseResult check_program(const ProgramRequest& request, const CaseOverrides& overrides,
                         const std::function<void(const Subject*)>& made = {});

/// The text of a case that says the same. `named`: what it calls the program's file. Throws
/// CaseError, SubjectError.
std::string draft_case(const ProgramRequest& request, const CaseOverrides& overrides,
                       const std::string& named);

/// JSON Schema (draft-07) of the case format, as text.
std::string case_schema();

/// Finished results as a run, which is what format_report takes.
RunResult run_of(std::vector<CaseResult> results);

/// The pages of all rules.
std::vector<RulePage> rule_pages();

/// LibTorch's version, "1.13.1".
std::string libtorch_version();

}  // namespace gradient_check
