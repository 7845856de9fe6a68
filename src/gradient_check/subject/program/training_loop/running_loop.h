#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "gradient_check/python/runtime/execute.h"
#include "gradient_check/python/runtime/program.h"
#include "gradient_check/subject/program/training_loop/location.h"
#include "gradient_check/subject/program/training_loop/loop_observer.h"
#include "gradient_check/subject/program/training_loop/program_state.h"

namespace gradient_check {

/// A program that has run up to a loop, and can make some of its turns again and again, each from
/// the state that it found. Made and used inside an EvaluationScope; one thread at a time.
class RunningLoop {
 public:
  /// Runs the program until it has begun turn `last` of the loop, or ends, or `seconds` have gone
  /// by. Kept are turns 0 and 1 and the last turn that was reached whose number is a power of two,
  /// or `turns` where they are given. Throws ProgramError where it raises before the first turn.
  struct Extent {
    std::vector<std::int64_t> turns;
    std::int64_t last = 64;
    double seconds = 1;
  };
  RunningLoop(const python::ast::Module& tree, const LoopIndex::Loop& loop,
              const GivenValues& given, python::WidenedTypes widened, const Extent& extent);

  /// The numbers of the turns that were kept; empty where the program never comes to the loop.
  std::vector<std::int64_t> turns() const;
  /// Goes back to the beginning of a turn, by its index among those kept.
  void rewind(std::size_t turn);
  /// Makes the turn, observed. Throws ProgramError, and what the observer throws.
  void run(python::Observer& observer);
  /// Of the turn that was gone back to, as they were then.
  const std::vector<Location>& locations() const { return turns_.at(at_).locations; }
  void learn_written() { turns_.at(at_).state->learn_written(); }

  python::Program& program() { return *program_; }
  const python::Interpreter& interpreter() const { return program_->interpreter(); }
  python::Frame& frame() { return *frame_; }
  const std::vector<RawMemory>& raw_memory() const { return raw_; }
  /// Whether the program has ended, or raised, before the turns that were asked for.
  bool ended() const { return ended_; }

 private:
  class Prelude;
  struct Turn {
    std::int64_t number;
    std::vector<python::Value> slots;
    std::unique_ptr<ProgramState> state;
    std::vector<Location> locations;
  };

  void keep(python::Frame& frame, std::int64_t number);

  std::unique_ptr<python::Program> program_;
  std::shared_ptr<const python::Code> code_;
  const LoopIndex::Loop& loop_;
  std::vector<python::Value> slots_;
  std::optional<python::Frame> frame_;
  std::vector<Turn> turns_;
  std::size_t at_ = 0;
  std::vector<RawMemory> raw_;
  bool ended_ = false;
};

/// The same numbers each time a program is run: seeds the generators of LibTorch, NumPy and Python
/// as far as the program uses them.
void seed_program(python::Program& program, const python::ast::Module& tree, std::uint64_t seed);

/// A program of which nothing has run yet, and its code.
std::unique_ptr<python::Program> empty_program(const python::ast::Module& tree,
                                               python::WidenedTypes widened);

}  // namespace gradient_check
