#pragma once

#include <gmock/gmock.h>

#include <optional>
#include <ostream>
#include <utility>

#include "gradient_check/check_function.h"
#include "gradient_check/report/reporter.h"

namespace gradient_check {

/// C++ functions to be checked, as the subject of EXPECT_THAT.
struct FunctionCheck {
  ForwardFunction forward;
  BackwardFunction backward;
  NamedTensors tensors;
  FunctionCheckOptions options = {};
};

inline void PrintTo(const FunctionCheck& check, std::ostream* stream) {
  *stream << "a function of";
  for (const auto& [name, tensor] : check.tensors) *stream << " " << name;
}

inline CaseResult check(const FunctionCheck& subject, const FunctionCheckOptions& options) {
  return check(subject.forward, subject.backward, subject.tensors, options);
}

/// Matches what `check` takes and whose gradients are right: a FunctionCheck, an
/// autograd_function<F>(…), a module(…) (with check_module.h included).
///
///     EXPECT_THAT((FunctionCheck{forward, backward, {{"x", x}}}), GradientsMatch());
///
/// On failure the text is gradient-check's own diagnostic. Works under Not().
class GradientsMatch {
 public:
  using is_gtest_matcher = void;

  GradientsMatch() = default;
  explicit GradientsMatch(FunctionCheckOptions options) : options_(std::move(options)) {}

  template <typename Subject>
  bool MatchAndExplain(const Subject& subject, testing::MatchResultListener* listener) const {
    const CaseResult result = check(subject, options_of(subject));
    if (listener->IsInterested()) *listener << "\n" << to_text(result);
    return result.verdict == Verdict::pass;
  }
  void DescribeTo(std::ostream* stream) const { *stream << "has the right gradients"; }
  void DescribeNegationTo(std::ostream* stream) const { *stream << "has wrong gradients"; }

 private:
  FunctionCheckOptions options_of(const FunctionCheck& subject) const {
    return options_ ? *options_ : subject.options;
  }
  template <typename Subject>
  FunctionCheckOptions options_of(const Subject&) const {
    return options_.value_or(FunctionCheckOptions{});
  }

  std::optional<FunctionCheckOptions> options_;
};

}  // namespace gradient_check
