#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "gradient_check/case/case.h"
#include "gradient_check/gradient/evaluation.h"
#include "gradient_check/subject/operation_callback.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

thread_local int operations = 0;

/// How many operations LibTorch runs for the manual code.
int operations_of(const Subject& subject, const NamedTensors& values, const at::Tensor& cotangent,
                  at::ScalarType dtype) {
  operations = 0;
  const OperationCallback counted(
      at::RecordFunctionCallback([](const at::RecordFunction&)
                                     -> std::unique_ptr<at::ObserverContext> {
        ++operations;
        return nullptr;
      }).scopes({at::RecordScope::FUNCTION}));
  run_manual(subject, clone(values), cotangent, dtype);
  return operations;
}

void expect_same(const at::Tensor& a, const at::Tensor& b, const std::string& what) {
  EXPECT_TRUE(at::equal(a.nan_to_num(7), b.nan_to_num(7))) << what;
}

std::filesystem::path cases() { return std::filesystem::path(GRADIENT_CHECK_SOURCE) / "cases"; }

// What trains ten thousand steps must be what is checked: the same bits, in every program.
TEST(Condensed, ComputesTheSameToTheLastBit) {
  int compared = 0;
  for (const char* folder : {"programs", "notebook", "bugs"})
    for (const auto& entry : std::filesystem::directory_iterator(cases() / folder)) {
      if (entry.path().extension() != ".json") continue;
      try {
        const Case loaded = load_case(entry.path());
        if (!loaded.program) continue;
        const auto subject = make_program_subject(loaded);
        if (!subject->has_manual()) continue;
        const auto condensed = subject->condensed();
        const NamedTensors values = values_in(*subject, loaded.dtype);
        const at::Tensor output = run_forward(*subject, clone(values), loaded.dtype);
        const at::Tensor cotangent = at::ones(output.sizes(), output.options());
        // Twice the same, where it draws nothing.
        seed_generator(1);
        const Evaluation first =
            run_manual(*subject, clone(values), cotangent.clone(), loaded.dtype);
        seed_generator(1);
        const Evaluation second =
            run_manual(*condensed, clone(values), cotangent.clone(), loaded.dtype);
        expect_same(first.output, second.output, entry.path().string());
        for (const auto& [name, gradient] : first.gradients)
          if (gradient.defined())
            expect_same(gradient, second.gradients[name], entry.path().string());
        ++compared;
      } catch (const std::exception&) {
        // A case about what does not run.
      }
    }
  EXPECT_GT(compared, 100);
}

TEST(Condensed, ComputesASlopeOnce) {
  const Case loaded = load_case(cases() / "notebook" / "xor_repaired.json");
  const auto subject = make_program_subject(loaded);
  const auto condensed = subject->condensed();
  const NamedTensors values = values_in(*subject, loaded.dtype);
  const at::Tensor one = at::ones({}, at::TensorOptions().dtype(loaded.dtype));
  const int before = operations_of(*subject, values, one, loaded.dtype);
  const int after = operations_of(*condensed, values, one, loaded.dtype);
  EXPECT_GT(before, 40);
  EXPECT_LT(after, 0.75 * before);
}

}  // namespace
}  // namespace gradient_check
