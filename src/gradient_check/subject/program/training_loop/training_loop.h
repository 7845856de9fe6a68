#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/loop_facts.h"
#include "gradient_check/subject/place.h"
#include "gradient_check/subject/program/evaluated_program.h"
#include "gradient_check/subject/program/training_loop/loss_choice.h"
#include "gradient_check/subject/program/training_loop/loss_watch.h"
#include "gradient_check/subject/program/training_loop/running_loop.h"
#include "gradient_check/subject/program/training_loop/update_reader.h"

namespace gradient_check {

/// A parameter of a training loop: what the loop updates, and its loss depends on.
struct LoopParameter {
  std::string name;
  python::ast::NodeId node = 0;  ///< the update's
  python::Span update, made_at;  ///< the update, and where its gradient is computed
  bool ascends = false;          ///< the update adds a gradient that points uphill
  bool through_state = false;    ///< momentum or its like stands between
  std::optional<double> rate;    ///< the learning rate, where the update is one number times it
};

/// What one turn of a loop gives.
struct TurnResult {
  at::Tensor loss;
  NamedTensors gradients;
};

/// The training loop of a program, whose turns are made one by one.
class TrainingLoop {
 public:
  /// Refers to both.
  TrainingLoop(const Case& loaded, const EvaluatedProgram& program);

  /// Finds the loop, its parameters and its loss. Throws SubjectError, which says what is missing.
  void find();

  /// The same in a program that differs from another one by an edit, where that has been found.
  void find_like(const TrainingLoop& other, std::size_t turn);

  const std::vector<LoopParameter>& parameters() const { return parameters_; }
  const LossSite& loss() const { return loss_; }
  /// Other variables that could have been the loss.
  const std::vector<std::string>& other_losses() const { return other_losses_; }
  /// The numbers of the turns that can be made.
  const std::vector<std::int64_t>& turns() const { return turn_numbers_; }
  /// The parameters as they are before a turn, in the case's dtype.
  NamedTensors point(std::size_t turn) const;

  at::Tensor forward(const NamedTensors& values, std::size_t turn) const;
  /// `held`: parameters whose updates are put off to the end of the turn.
  TurnResult manual(const NamedTensors& values, std::size_t turn,
                    const std::set<std::string>& held = {}) const;
  /// What a turn does wrong beside its formulas, and which turn is to be checked: the first where
  /// something is wrong, by its index. Inside an EvaluationScope of float64.
  std::shared_ptr<const LoopFacts> facts(std::size_t& turn) const;
  const std::vector<python::ast::StatementPtr>& body() const { return loop_->body(); }
  /// The program for the dtype that evaluations have now.
  python::Program& program() const { return running().loop->program(); }
  /// Is told of the turns that `forward` and `manual` make; null for none.
  void watch(python::Observer* outside) const { outside_ = outside; }
  /// Where this thread runs the program.
  std::optional<RunningPlace> running_place() const;

  /// Memory that is read before anything was written to it, by the name of what holds it.
  struct Unwritten {
    std::string name, call;
    python::Span span;
  };
  const std::vector<Unwritten>& unwritten() const { return unwritten_; }
  const python::ast::Module& tree() const { return program_.tree(); }

 private:
  /// What is known of the turns of a program in one dtype.
  struct Running {
    std::unique_ptr<RunningLoop> loop;
    std::map<std::size_t, TurnKnowledge> knowledge;
  };

  std::vector<const LoopIndex::Loop*> loops_in_order();
  bool take_loop(const LoopIndex::Loop& loop, const std::vector<std::int64_t>& turns = {});
  std::unique_ptr<RunningLoop> started(const LoopIndex::Loop& loop,
                                       const std::vector<std::int64_t>& turns) const;
  std::vector<ReadUpdate> read_updates(RunningLoop& running, const TurnKnowledge& knowledge,
                                       TurnKnowledge* learned) const;
  std::vector<LossWatch::Seen> watch_losses(RunningLoop& running,
                                            const std::vector<ReadUpdate>& updates,
                                            std::vector<at::Tensor>& leaves) const;
  /// Why the loop will not do; false.
  bool no_loss(const RunningLoop& running, const std::vector<ReadUpdate>& updates);
  bool no_named_loss(const LossSite& likeliest);
  void note_parameters(const RunningLoop& running, const std::vector<FollowedUpdate>& updates,
                       const LossChoice& choice);
  void note_unwritten(const RunningLoop& running);
  Running& running() const;
  std::size_t location_index(const RunningLoop& running, const std::string& name) const;
  at::Tensor followed(const NamedTensors& values, std::size_t turn,
                      python::Observer* outside) const;
  const TurnKnowledge& knowledge(Running& running, std::size_t turn) const;
  void set_values(RunningLoop& running, const NamedTensors& values, bool follow) const;
  LoopFacts::Deed deed(const std::string& name, python::Span span) const;
  std::set<std::string> wrong_gradients(const NamedTensors& values, const NamedTensors& truth,
                                        std::size_t turn, const std::set<std::string>& held) const;
  NamedTensors truth_at(const NamedTensors& values, std::size_t turn) const;
  void find_early(const NamedTensors& values, const NamedTensors& truth, std::size_t turn,
                  LoopFacts& facts) const;
  void find_kept(const NamedTensors& values, const NamedTensors& truth, std::size_t turn,
                 LoopFacts& facts) const;
  std::optional<TrainOptions> plain_training() const;
  std::int64_t turns_to_make() const;
  [[noreturn]] void fail(python::Span span, const std::string& message) const;
  [[noreturn]] void rethrow(const python::ProgramError& error) const;

  const Case& case_;
  const EvaluatedProgram& program_;
  LoopIndex index_;
  GivenValues given_;
  const LoopIndex::Loop* loop_ = nullptr;
  std::vector<LoopParameter> parameters_;
  std::set<python::ast::NodeId> update_nodes_, update_statements_;
  LossSite loss_;
  std::vector<std::string> other_losses_;
  std::vector<std::int64_t> turn_numbers_;
  std::vector<Unwritten> unwritten_;
  mutable std::map<std::string, python::Span>
      buffer_additions_;  ///< where a turn adds to it in place
  std::string why_not_;   ///< why no loop so far will do
  python::Span why_not_at_;
  bool is_autograd_ = false;
  mutable std::map<at::ScalarType, Running> running_;
  mutable python::Observer* outside_ = nullptr;
  mutable const RunningLoop* now_ = nullptr;  ///< whose turn is being made
};

}  // namespace gradient_check
