// Seconds for the training steps of a case: `training_cost CASE.json STEPS`, watched for values
// that are not finite, and not. One line each, so that training_cost.py can set them beside
// Python's.
#include <fmt/format.h>

#include <cstdlib>

#include "gradient_check/case/case.h"
#include "gradient_check/diagnosis/training/loop.h"
#include "gradient_check/subject/program/program_subject.h"

int main(int argc, char** argv) {
  using namespace gradient_check;
  if (argc != 3) {
    fmt::print(stderr, "usage: training_cost CASE.json STEPS\n");
    return 2;
  }
  const Case loaded = load_case(argv[1]);
  const auto subject = make_program_subject(loaded);
  TrainOptions options;
  options.steps = std::atoll(argv[2]);
  options.learning_rate = 0.01;
  for (const bool watched : {false, true}) {
    RunLimits limits;
    limits.watch = watched;
    const TrainingRun run = train({*subject, loaded.dtype, loaded.seed}, options, limits);
    fmt::print("{} {:.6f} {:.9g}\n", watched ? "watched" : "unwatched", run.seconds,
               run.losses.back());
  }
}
