#include <fmt/format.h>

#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/loop_facts.h"
#include "gradient_check/subject/program/entries/entry_kind.h"
#include "gradient_check/subject/program/training_loop/loop_search.h"
#include "gradient_check/subject/program/training_loop/training_loop.h"

namespace gradient_check {
namespace {

/// One turn of the training loop at the top level: the forward is the turn up to its loss, the
/// manual code the turn up to its updates, which the gradients are read from.
class TopLevelEntry : public Entry {
 public:
  TopLevelEntry(const Case& loaded, EvaluatedProgram& program)
      : Entry(loaded, program), loop_(loaded, program) {}

  void run_first() override {
    loop_.find();
    {
      const EvaluationScope scope(at::kDouble);
      facts_ = loop_.facts(turn_);
    }
    for (const auto& [name, tensor] : loop_.point(turn_)) parameters_.set(name, tensor);
  }
  void run_like(const Entry& other) override {
    const auto* like = dynamic_cast<const TopLevelEntry*>(&other);
    if (!like) return run_first();
    loop_.find_like(like->loop_, like->turn_);
    facts_ = like->facts_;
    turn_ = 0;  // it alone is kept
    for (const auto& [name, tensor] : loop_.point(turn_)) parameters_.set(name, tensor);
  }
  const std::vector<python::ast::StatementPtr>* manual_body() const override {
    return &loop_.body();
  }
  python::Program& running() const override { return loop_.program(); }
  void watch(python::Observer* observer) const override { loop_.watch(observer); }
  std::shared_ptr<const LoopFacts> loop_facts() const override { return facts_; }

  std::vector<at::Tensor> forward(const NamedTensors& values) const override {
    return {loop_.forward(parameters_of(values), turn_)};
  }
  bool has_manual() const override { return true; }
  bool takes_grad_output() const override { return false; }
  ManualOutputs manual(const NamedTensors& values, const at::Tensor&) const override {
    TurnResult result = loop_.manual(parameters_of(values), turn_);
    return {{result.loss}, std::move(result.gradients)};
  }

  std::string forward_name() const override { return ""; }
  std::string manual_name() const override { return ""; }

  std::optional<Place> gradient_place(const std::string& name) const override {
    for (const LoopParameter& parameter : loop_.parameters())
      if (parameter.name == name) return program_.place_of(parameter.made_at);
    return std::nullopt;
  }
  std::optional<Place> forward_place() const override {
    if (loop_.loss().is_expression) return std::nullopt;
    return program_.place_of(loop_.loss().span);
  }
  std::optional<RunningPlace> running_place() const override { return loop_.running_place(); }

 private:
  NamedTensors parameters_of(const NamedTensors& values) const {
    NamedTensors own;
    for (const LoopParameter& parameter : loop_.parameters())
      own.set(parameter.name, values[parameter.name]);
    return own;
  }

  TrainingLoop loop_;
  std::shared_ptr<const LoopFacts> facts_;
  std::size_t turn_ = 0;  ///< of those that can be made, the one that is checked
};

std::vector<std::string> top_level_in(const python::ast::Module& program) {
  if (may_train(program)) return {"top-level"};
  return {};
}

std::unique_ptr<Entry> make_top_level(const Case& loaded, EvaluatedProgram& program,
                                      const std::string&) {
  return std::make_unique<TopLevelEntry>(loaded, program);
}

}  // namespace

const EntryKind top_level_entry{"the training loop at the top level", true, top_level_in,
                                make_top_level};

}  // namespace gradient_check
