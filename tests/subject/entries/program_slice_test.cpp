#include "gradient_check/subject/program/program_slice.h"

#include <gmock/gmock.h>

#include "gradient_check/python/source/source_reader.h"
#include "gradient_check/python/syntax/parser.h"

namespace gradient_check {
namespace {

/// The first lines of the statements that run.
std::vector<std::string> kept_lines(const std::string& text, const NameSet& names) {
  const python::ast::Module module =
      slice_for(python::parse(python::read_source("net.py", text)), names);
  std::vector<std::string> lines;
  for (const auto& statement : module.body)
    lines.emplace_back(module.source->line_text(module.source->line_index(statement->span.begin)));
  return lines;
}

TEST(ProgramSlice, HoldsWhatNamesNeed) {
  EXPECT_THAT(kept_lines("import numpy as np\n"
                         "import pandas\n"
                         "np.random.seed(1)\n"
                         "scale = 2 * base\n"
                         "data = pandas.read_csv('x')\n"
                         "def helper(x): return scale * np.exp(x)\n"
                         "def other(x): return data\n"
                         "def loss(x): return helper(x)\n"
                         "print(loss(data))\n"
                         "for i in range(10): data = other(data)\n",
                         {"loss"}),
              testing::ElementsAre("import numpy as np", "np.random.seed(1)", "scale = 2 * base",
                                   "def helper(x): return scale * np.exp(x)",
                                   "def loss(x): return helper(x)"));
}

TEST(ProgramSlice, LeavesOutWhatStandsUnderMain) {
  EXPECT_THAT(kept_lines("w = 1\n"
                         "def f(x): return w * x\n"
                         "if __name__ == '__main__':\n"
                         "    w = 2\n",
                         {"f"}),
              testing::ElementsAre("w = 1", "def f(x): return w * x"));
}

TEST(ProgramSlice, HoldsWhatChangesAVariable) {
  EXPECT_THAT(kept_lines("table = {}\n"
                         "other = []\n"
                         "table.update(a=1)\n"
                         "table['b'] = 2\n"
                         "other.append(1)\n"
                         "def f(x): return table['b'] * x\n",
                         {"f"}),
              testing::ElementsAre("table = {}", "table.update(a=1)", "table['b'] = 2",
                                   "def f(x): return table['b'] * x"));
}

}  // namespace
}  // namespace gradient_check
