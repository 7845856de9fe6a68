#include <gtest/gtest.h>

#include "gradient_check/gradient/evaluations.h"
#include "gradient_check/subject/program/program_subject.h"

namespace gradient_check {
namespace {

Case program(const std::string& body) {
  return load_case_text(
      R"json({"dtype": "float64", "seed": 3, "parameters": {"w": [1.0, -2.0, 3.0]},
      "program": {"source": ["def step(w):", )json" +
          body + "]}}",
      "purity.json");
}

struct PurityExample {
  const char* name;
  const char* body;
  bool pure;
};
std::ostream& operator<<(std::ostream& out, const PurityExample& example) {
  return out << example.name;
}

class Purity : public testing::TestWithParam<PurityExample> {};

TEST_P(Purity, IsWhatTheGraphShows) {
  EXPECT_EQ(make_program_subject(program(GetParam().body))->pure(), GetParam().pure);
}

INSTANTIATE_TEST_SUITE_P(
    Programs, Purity,
    testing::Values(
        PurityExample{"plain", R"json("    return (w * w).sum(), {'w': 2 * w}")json", true},
        PurityExample{"writes into a tensor of its own",
                      R"json("    d = torch.zeros_like(w)", "    d[0] = 2 * w[0]",
                   "    return (w * w)[0], {'w': d * 1}")json",
                      true},
        PurityExample{"writes into its argument",
                      R"json("    w += 1", "    return (w * w).sum(), {'w': 2 * w}")json", false},
        PurityExample{
            "writes into a view of its argument",
            R"json("    v = w[1:]", "    v.mul_(2)", "    return (w * w).sum(), {'w': 2 * w}")json",
            false},
        PurityExample{"writes in a branch",
                      R"json("    if w.size(0) > 2:", "        w.zero_()",
                   "    return (w * w).sum(), {'w': 2 * w}")json",
                      false},
        PurityExample{
            "memory nobody wrote to",
            R"json("    d = torch.empty_like(w)", "    return (w * w).sum(), {'w': d}")json",
            false},
        PurityExample{
            "draws numbers",
            R"json("    m = torch.rand_like(w)", "    return (w * m).sum(), {'w': m}")json",
            true}));

TEST(Evaluations, OfAPureSubjectTakeItsTensorsThemselves) {
  const auto subject =
      make_program_subject(program(R"json("    return (w * w).sum(), {'w': 2 * w}")json"));
  const Evaluations evaluations(*subject, at::kDouble, 3);
  EXPECT_TRUE(evaluations.values["w"].is_alias_of(subject->parameters()["w"]));
  EXPECT_FALSE(evaluations.forward_random);
}

TEST(Evaluations, OfAnotherTakeCopies) {
  const auto subject = make_program_subject(
      program(R"json("    w += 1", "    return (w * w).sum(), {'w': 2 * w}")json"));
  const Evaluations evaluations(*subject, at::kDouble, 3);
  EXPECT_FALSE(evaluations.values["w"].is_alias_of(subject->parameters()["w"]));
  EXPECT_EQ(subject->parameters()["w"][0].item<double>(), 1.0);
  EXPECT_EQ(evaluations.changed_by_forward, std::vector<std::string>{"w"});
}

TEST(Evaluations, SeeThatAPureSubjectDrawsNumbers) {
  const auto subject = make_program_subject(
      program(R"json("    m = torch.rand_like(w)", "    return (w * m).sum(), {'w': m}")json"));
  const Evaluations evaluations(*subject, at::kDouble, 3);
  EXPECT_TRUE(evaluations.forward_random);
  EXPECT_EQ(evaluations.random_gradients, std::vector<std::string>{"w"});
}

}  // namespace
}  // namespace gradient_check
