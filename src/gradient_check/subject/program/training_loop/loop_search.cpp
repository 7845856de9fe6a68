#include "gradient_check/subject/program/training_loop/loop_search.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "gradient_check/python/syntax/children.h"
#include "gradient_check/subject/program/training_loop/running_loop.h"
#include "gradient_check/subject/program/training_loop/update_terms.h"
#include "gradient_check/subject/program/write_watch.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;

/// A program that has not come to anything new for so long has shown what there is.
constexpr double search_seconds = 2;
constexpr std::int64_t quiet_statements = 20000;

/// Leaves a program that has shown its loops.
struct SearchEnded {};

bool is_sum(const ast::Expression& expression) {
  const auto* binary = expression.as<ast::BinOp>();
  return binary &&
         (binary->op == ast::BinaryOperator::Sub || binary->op == ast::BinaryOperator::Add);
}

/// w - lr * g somewhere in an expression, or torch.sub(w, …), w.sub_(…).
bool holds_update(const ast::Expression& expression) {
  if (is_sum(expression)) return true;
  for (const char* name : {"sub", "sub_", "subtract", "add", "add_", "addcdiv_", "copy_"})
    if (called_name(expression) == name) return true;
  bool found = false;
  ast::for_each_child(expression, [&](const auto& child) {
    if constexpr (std::is_same_v<std::decay_t<decltype(child)>, ast::ExpressionPtr>)
      found = found || holds_update(*child);
  });
  return found;
}

bool may_update(const ast::Statement& statement) {
  if (const auto* augmented = statement.as<ast::AugAssign>())
    return augmented->op == ast::BinaryOperator::Sub || augmented->op == ast::BinaryOperator::Add;
  if (const auto* assign = statement.as<ast::Assign>()) return holds_update(*assign->value);
  if (const auto* expression = statement.as<ast::Expr>()) return holds_update(*expression->value);
  if (const auto* result = statement.as<ast::Return>())
    return result->value && holds_update(*result->value);
  return false;
}

/// What the top level of a program runs, as far as its text tells: its own statements, and the
/// functions and methods that are called there, by their names alone.
class Reach {
 public:
  explicit Reach(const ast::Module& tree) {
    for (const ast::StatementPtr& statement : tree.body) collect(statement);
    for (const ast::StatementPtr& statement : tree.body) enter(statement);
    while (!open_.empty()) {
      const std::string name = open_.back();
      open_.pop_back();
      const auto range = functions_.equal_range(name);
      for (auto found = range.first; found != range.second; ++found)
        for (const ast::StatementPtr& statement : found->second) enter(statement);
    }
  }
  bool trains() const { return loops_ && updates_; }

 private:
  /// Functions and methods by name; a class's name calls its __init__.
  void collect(const ast::StatementPtr& statement) {
    if (const auto* function = statement->as<ast::FunctionDef>())
      functions_.emplace(function->name, function->body);
    ast::for_each_child(*statement, [&](const auto& child) {
      if constexpr (std::is_same_v<std::decay_t<decltype(child)>, ast::StatementPtr>)
        collect(child);
    });
  }

  void enter(const ast::StatementPtr& statement) {
    if (statement->as<ast::FunctionDef>() || statement->as<ast::ClassDef>()) return;
    updates_ |= may_update(*statement);
    loops_ |= statement->as<ast::For>() || statement->as<ast::While>();
    ast::for_each_child(*statement, [&](const auto& child) {
      using Child = std::decay_t<decltype(child)>;
      if constexpr (std::is_same_v<Child, ast::StatementPtr>) enter(child);
      if constexpr (std::is_same_v<Child, ast::ExpressionPtr>)
        ast::for_each_node(child, [&](const auto& node) {
          if constexpr (std::is_same_v<std::decay_t<decltype(node)>, ast::ExpressionPtr>)
            if (const std::string name = called_name(*node); !name.empty())
              if (functions_.count(name) && seen_.insert(name).second) open_.push_back(name);
        });
    });
  }

  std::multimap<std::string, std::vector<ast::StatementPtr>> functions_;
  std::set<std::string> seen_;
  std::vector<std::string> open_;
  bool loops_ = false, updates_ = false;
};

class LoopSearch : public LoopObserver {
 public:
  LoopSearch(const ast::Module& tree, const LoopIndex& index, const GivenValues& given)
      : LoopObserver(nullptr, given),
        tree_(tree),
        index_(index),
        begun_(std::chrono::steady_clock::now()) {}

  bool statement(python::Frame& frame, const ast::Statement& next) override {
    if (frame.code.tree.source == tree_.source) {
      if (seen_.insert(next.id).second) {
        quiet_ = 0;
        if (may_update(next))
          for (const ast::NodeId loop : index_.running(frame))
            if (std::find(found_.begin(), found_.end(), loop) == found_.end())
              found_.push_back(loop);
      }
    }
    if (++quiet_ > quiet_statements && !found_.empty()) throw SearchEnded();
    if (quiet_ % 256 == 0 && seconds() > search_seconds) throw SearchEnded();
    return LoopObserver::statement(frame, next);
  }

  std::vector<ast::NodeId> found() const { return found_; }

 private:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  }

  const ast::Module& tree_;
  const LoopIndex& index_;
  std::chrono::steady_clock::time_point begun_;
  std::set<ast::NodeId> seen_;
  std::vector<ast::NodeId> found_;
  std::int64_t quiet_ = 0;
};

}  // namespace

std::vector<ast::NodeId> loops_that_update(const ast::Module& tree, const LoopIndex& index,
                                           const GivenValues& given,
                                           std::optional<python::ProgramError>& raised) {
  const at::AutoGradMode enabled(true);
  const auto program = empty_program(tree, {});
  seed_program(*program, tree, given.seed);
  LoopSearch search(tree, index, given);
  const ObservedRun observed(*program, search);
  try {
    const auto code = program->interpreter().prepare(tree, program->module());
    program->reported([&] { program->interpreter().run(*code); });
  } catch (const SearchEnded&) {
  } catch (const python::ProgramError& error) {
    raised = error;
  }
  return search.found();
}

bool may_train(const ast::Module& tree) { return Reach(tree).trains(); }

}  // namespace gradient_check
