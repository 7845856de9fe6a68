#pragma once

#include <gmock/gmock.h>

#include <ostream>

#include "gradient_check/check.h"
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

/// Matches a FunctionCheck whose manual gradients are right: GoogleTest's
///
///     EXPECT_THAT((FunctionCheck{forward, backward, {{"x", x}}}), GradientsMatch());
///
/// On failure the text is gradient-check's own diagnostic. Works under Not().
MATCHER(GradientsMatch, negation ? "has wrong gradients" : "has the right gradients") {
  RunResult run;
  run.cases.push_back(check(arg.forward, arg.backward, arg.tensors, arg.options));
  *result_listener << "\n" << format_report("text", run, {false, 1});
  return run.cases[0].verdict == Verdict::pass;
}

}  // namespace gradient_check
