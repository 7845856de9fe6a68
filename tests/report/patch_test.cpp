#include <gmock/gmock.h>

#include <map>
#include <stdexcept>

#include "gradient_check/report/patch.h"
#include "gradient_check/report/unified_diff.h"

namespace gradient_check {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

CaseResult case_with(const std::string& file, std::vector<Fix> fixes, const std::string& program) {
  CaseResult result;
  result.file = file;
  for (Fix& fix : fixes) {
    Finding finding;
    finding.place = Place{program, fix.line, fix.column, 1, ""};
    finding.fix = std::move(fix);
    result.findings.push_back(std::move(finding));
  }
  return result;
}

const std::string program = "def f(x):\n    a = x\n    b = a\n    return b\n";
const Fix first{2, 5, 2, 10, "a = x", "a = -x", true};
const Fix second{3, 5, 3, 10, "b = a", "b = a * 2", true};

std::string read(const std::string& path) {
  if (path == "p.py") return program;
  throw std::runtime_error("no such file");
}

TEST(Patches, PutTheFixesOfOneFileTogether) {
  const Patches patches =
      collect_patches({{case_with("c.json", {first, second}, "p.py")}, 0, ""}, read);
  ASSERT_THAT(patches.files, SizeIs(1));
  EXPECT_EQ(patches.files[0].after, "def f(x):\n    a = -x\n    b = a * 2\n    return b\n");
  EXPECT_EQ(patches.files[0].fixes, 2U);
}

TEST(Patches, TakeNoFixThatIsNotVerified) {
  Fix unverified = first;
  unverified.verified = false;
  EXPECT_THAT(collect_patches({{case_with("c.json", {unverified}, "p.py")}, 0, ""}, read).files,
              IsEmpty());
}

TEST(Patches, LeaveOutWhatHasChangedOrIsNoFile) {
  Fix changed = first;
  changed.original = "a = y";
  for (const auto& [fix, path] : {std::pair{changed, "p.py"}, std::pair{first, "gone.py"},
                                  std::pair{first, "c.json#/program/source"}}) {
    const Patches patches = collect_patches({{case_with("c.json", {fix}, path)}, 0, ""}, read);
    EXPECT_THAT(patches.files, IsEmpty()) << path;
    EXPECT_THAT(patches.left_out, SizeIs(1)) << path;
  }
}

TEST(Patches, TwoCasesMayAgreeButNotDisagree) {
  Fix other = first;
  other.replacement = "a = 2 * x";
  const RunResult agree{
      {case_with("c.json", {first}, "p.py"), case_with("d.json", {first}, "p.py")}, 0, ""};
  EXPECT_EQ(collect_patches(agree, read).files[0].fixes, 1U);
  const RunResult disagree{
      {case_with("c.json", {first}, "p.py"), case_with("d.json", {other}, "p.py")}, 0, ""};
  EXPECT_THAT(collect_patches(disagree, read).left_out, ElementsAre(HasSubstr("another case")));
}

TEST(UnifiedDiff, HasTheFormThatPatchReads) {
  EXPECT_EQ(unified_diff("p.py", program, program), "");
  EXPECT_EQ(unified_diff("p.py", "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nfive\n6\n"),
            "--- a/p.py\n+++ b/p.py\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+five\n 6\n");
  EXPECT_EQ(
      unified_diff("p.py", "a", "b"),
      "--- a/p.py\n+++ b/p.py\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at "
      "end of file\n");
}

TEST(UnifiedDiff, FarChangesGetHunksOfTheirOwn) {
  std::string before, after;
  for (int i = 0; i < 30; ++i) {
    before += std::to_string(i) + "\n";
    after += (i == 2 || i == 25 ? "x" : std::to_string(i)) + "\n";
  }
  const std::string diff = unified_diff("p", before, after);
  EXPECT_THAT(diff, HasSubstr("@@ -1,6 +1,6 @@"));
  EXPECT_THAT(diff, HasSubstr("@@ -23,7 +23,7 @@"));
}

}  // namespace
}  // namespace gradient_check
