#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/python/runtime/observer.h"
#include "gradient_check/subject/program/outline.h"
#include "gradient_check/subject/program/trace.h"

namespace gradient_check {

/// What is traced.
struct TracedFunction {
  const FunctionSyntax& syntax;
  const std::vector<python::ast::StatementPtr>& body;  ///< of the tree that runs
  const std::string& text;                             ///< that spans refer to
  const std::string& label;                            ///< of the program's own code
  bool arrays = false;                                 ///< the program's tensors are arrays
};

/// Notes what each statement of a function writes while the function runs, observed: loops and
/// conditions as they are gone through. One run each.
class Tracer : public python::Observer {
 public:
  /// Ends a run at the write that was asked for.
  struct Stopped {};

  Tracer(const TracedFunction& function, const TraceOptions& options);

  bool statement(python::Frame& frame, const python::ast::Statement& next) override;
  void executed(python::Frame& frame, const python::ast::Statement& done) override;
  void evaluated(python::Frame& frame, const python::ast::Expression& expression,
                 python::Value& value) override;
  void assigned(python::Frame& frame, const python::ast::Expression& target,
                python::Value& value) override;

  /// What was noted, after the function has returned that; unset where it was stopped.
  Trace finish(const python::Value& result);

 protected:
  std::string text_of(const Span& span) const;
  bool is_own(const python::Frame& frame) const { return &frame == frame_; }
  /// The statement of the function that is running; null before the first.
  const Statement* running() const { return running_; }
  /// A value that a statement of the function gave to a variable, on its way into the trace.
  virtual void noted(const std::string& /*name*/, const at::Tensor& /*value*/) {}
  /// The write that the run ends at has been made.
  virtual void stop(python::Frame& frame);
  std::string iteration() const;

  const TracedFunction function_;
  const TraceOptions& options_;
  Trace trace_;

 private:
  struct Loop {
    const Statement* statement;
    std::string iteration;  ///< "t = 3"; empty where it goes through no integers
  };

  void index(const std::vector<Statement>& statements);
  void begin(python::Frame& frame);
  std::size_t add(Write write);
  std::vector<std::size_t> reads_of(const std::vector<std::string>& names) const;
  Write begun(const Statement& statement, const std::vector<std::string>& names) const;
  Environment snapshot(std::size_t writes) const;
  void record(const Write& like, const std::string& name);

  // The dictionary of gradients: in traced_gradients.cpp.
  static bool is_dictionary(const Statement& statement);
  bool changes_entry(const Statement& statement) const;
  /// Its values are entries, noted as each is evaluated.
  void expect_entries(const Expr& dictionary);
  void expect_entry(const Expr& key, const Expr& value);
  void expect_result(const Statement& statement);
  void entry(const Expr& expression, python::Value& value);
  void changed_entry(const Statement& statement);
  /// What is returned in another way than as a dictionary that was seen.
  void add_returned(const python::Value& result);

  std::map<python::ast::NodeId, const Statement*> statements_;
  std::map<python::ast::NodeId, const Statement*> loop_targets_;
  std::map<python::ast::NodeId, std::pair<std::string, const Expr*>> expected_;  ///< entries
  python::Frame* frame_ = nullptr;
  const Statement* running_ = nullptr;
  std::vector<Loop> loops_;
  std::map<std::string, std::size_t> latest_;  ///< the last write of each variable
  std::set<std::string> dictionaries_;         ///< variables that hold entries
  std::vector<std::size_t> returned_reads_;
  Environment before_;  ///< a snapshot, taken before the statement that is running
  std::size_t steps_ = 0;
};

}  // namespace gradient_check
