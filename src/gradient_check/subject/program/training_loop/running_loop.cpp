#include "gradient_check/subject/program/training_loop/running_loop.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <mutex>

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/code.h"
#include "gradient_check/subject/program/write_watch.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

/// Leaves a program at the beginning of a turn.
struct LeftAtTurn {};

bool is_power_of_two(std::int64_t number) { return number > 0 && (number & (number - 1)) == 0; }

bool imports_module(const ast::Module& tree, std::string_view wanted) {
  for (const ast::StatementPtr& statement : tree.body) {
    if (const auto* import = statement->as<ast::Import>())
      for (const ast::Alias& alias : import->names)
        if (alias.name == wanted) return true;
    if (const auto* from = statement->as<ast::ImportFrom>())
      if (from->module == wanted) return true;
  }
  return false;
}

void call_seed(python::Interpreter& interpreter, const char* module, std::uint64_t seed) {
  const auto imported = interpreter.import_module(module);
  const Value function = imported ? imported->get(interpreter, "seed") : Value();
  if (function.is_set())
    python::call(interpreter, function,
                 {Value::integer(static_cast<std::int64_t>(seed & 0x7fffffff))});
}

}  // namespace

std::unique_ptr<python::Program> empty_program(const ast::Module& tree,
                                               python::WidenedTypes widened) {
  ast::Module nothing = tree;
  nothing.body.clear();
  return std::make_unique<python::Program>(nothing, nullptr, widened);
}

void seed_program(python::Program& program, const ast::Module& tree, std::uint64_t seed) {
  {
    auto generator = at::detail::getDefaultCPUGenerator();
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed);
  }
  program.reported([&] {
    if (imports_module(tree, "numpy")) call_seed(program.interpreter(), "numpy.random", seed);
    if (imports_module(tree, "random")) call_seed(program.interpreter(), "random", seed);
  });
}

/// Keeps turns on the way.
class RunningLoop::Prelude : public LoopObserver {
 public:
  Prelude(RunningLoop& running, const GivenValues& given, const Extent& extent)
      : LoopObserver(&running.loop_, given),
        running_(running),
        extent_(extent),
        given_names_(given),
        first_(running.loop_.body().front()->id),
        begun_(std::chrono::steady_clock::now()) {}

  bool statement(python::Frame& frame, const ast::Statement& next) override {
    if (next.id == first_ && holds_loop(frame) && !is_generator(frame)) arrive(frame);
    return LoopObserver::statement(frame, next);
  }

 private:
  static bool is_generator(const python::Frame& frame) { return frame.scope.is_generator; }

  void arrive(python::Frame& frame) {
    const std::int64_t number = count_++;
    if (number == 0) running_.raw_ = raw_memory();
    if (extent_.turns.empty()) {
      const bool out_of_time =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count() >
          extent_.seconds;
      if (number < 2 || is_power_of_two(number)) running_.keep(frame, number);
      if (number >= extent_.last || (number > 1 && out_of_time)) throw LeftAtTurn();
      return;
    }
    if (std::find(extent_.turns.begin(), extent_.turns.end(), number) != extent_.turns.end())
      running_.keep(frame, number);
    if (number >= extent_.turns.back()) throw LeftAtTurn();
  }

  RunningLoop& running_;
  const Extent& extent_;
  const GivenValues& given_names_;
  ast::NodeId first_;
  std::int64_t count_ = 0;
  std::chrono::steady_clock::time_point begun_;
};

RunningLoop::RunningLoop(const ast::Module& tree, const LoopIndex::Loop& loop,
                         const GivenValues& given, python::WidenedTypes widened,
                         const Extent& extent)
    : program_(empty_program(tree, widened)),
      code_(program_->interpreter().prepare(tree, program_->module())),
      loop_(loop) {
  const at::AutoGradMode enabled(true);
  seed_program(*program_, tree, given.seed);
  Prelude prelude(*this, given, extent);
  const ObservedRun observed(*program_, prelude);
  try {
    program_->reported([&] { program_->interpreter().run(*code_); });
    ended_ = true;
  } catch (const LeftAtTurn&) {
  } catch (const python::ProgramError&) {
    if (turns_.empty()) throw;
    ended_ = true;
  }
}

void RunningLoop::keep(python::Frame& frame, std::int64_t number) {
  if (number > 2 && turns_.size() == 3) turns_.pop_back();
  Turn turn{number, {}, nullptr, {}};
  turn.slots.assign(frame.slots, frame.slots + frame.scope.variables.size());
  if (!frame_) {
    slots_.resize(turn.slots.size());
    frame_.emplace(python::Frame{program_->interpreter(), frame.code, frame.scope, slots_.data()});
  }
  turn.state = std::make_unique<ProgramState>(*program_, turn.slots);
  turns_.push_back(std::move(turn));
}

std::vector<std::int64_t> RunningLoop::turns() const {
  std::vector<std::int64_t> numbers;
  for (const Turn& turn : turns_) numbers.push_back(turn.number);
  return numbers;
}

void RunningLoop::rewind(std::size_t index) {
  Turn& turn = turns_.at(index);
  at_ = index;
  turn.state->restore();
  std::copy(turn.slots.begin(), turn.slots.end(), slots_.begin());
  if (turn.locations.empty()) turn.locations = find_locations(*program_, *frame_);
}

void RunningLoop::run(python::Observer& observer) {
  python::Interpreter& interpreter = program_->interpreter();
  interpreter.steps = 0;
  const ObservedRun observed(*program_, observer);
  const python::FrameGuard guard(interpreter, *frame_);
  program_->reported([&] {
    try {
      Value unused;
      python::execute(*frame_, loop_.body(), unused);
    } catch (python::Raised& raised) {
      python::note_place(raised, *frame_);
      throw;
    } catch (python::LimitReached& limit) {
      python::note_place(limit, *frame_);
      throw;
    }
  });
}

}  // namespace gradient_check
