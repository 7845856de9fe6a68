#pragma once

#include <map>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/python/runtime/observer.h"
#include "gradient_check/subject/program/activation.h"
#include "gradient_check/subject/program/frame_variables.h"
#include "gradient_check/subject/program/trace.h"

namespace gradient_check {

/// What is traced: a function of a program, with those that it calls.
struct TracedProgram {
  const std::vector<FunctionSyntax>& functions;
  const FunctionSyntax& own;  ///< where the trace begins; one of them, or a body at the top level
  const std::string& text;    ///< that spans refer to
  std::string label;          ///< of the program's own code
  bool arrays = false;        ///< the program's tensors are arrays
  bool returns_loss = false;  ///< `own` returns (loss, gradients)
  bool is_body = false;       ///< `own` is no function
};

/// Notes what each statement of a function writes while the function runs, observed: loops and
/// conditions as they are gone through, methods and functions that it calls too, but for those that
/// run straight through to one value. One run each.
class Tracer : public python::Observer {
 public:
  /// Ends a run at the write that was asked for.
  struct Stopped {};

  Tracer(const TracedProgram& program, const TraceOptions& options);

  bool statement(python::Frame& frame, const python::ast::Statement& next) override;
  void executed(python::Frame& frame, const python::ast::Statement& done) override;
  void evaluated(python::Frame& frame, const python::ast::Expression& expression,
                 python::Value& value) override;
  void assigned(python::Frame& frame, const python::ast::Expression& target,
                python::Value& value) override;

  /// What was noted, with the gradients and the loss that came of it.
  Trace finish(const NamedTensors& gradients, const at::Tensor& loss = {});

 protected:
  std::string text_of(const Span& span) const;
  /// The activation of a frame that is followed; null of another.
  Activation* active(const python::Frame& frame);
  /// Of the function that the trace is of; null before it begins.
  Activation* own() { return active_.empty() ? nullptr : &active_.front(); }
  /// A function is entered.
  virtual void begun(Activation&) {}
  /// A statement has given a value to a variable.
  virtual void noted(const Activation&, const std::string& /*name*/, const at::Tensor& /*value*/) {}
  /// The write that the run ends at has been made.
  virtual void stop(Activation&);

  const TracedProgram program_;
  const TraceOptions& options_;
  Trace trace_;

 private:
  void index(const std::vector<Statement>& statements);
  void enter(python::Frame& frame, const FunctionSyntax& function);
  void add_arguments(Activation& active);
  std::string scope_of(const python::Frame& frame, const FunctionSyntax& function);
  void begin(Activation& active, const Statement& statement);
  void leave_loops(Activation& active, const Statement& statement);
  std::size_t add(const Activation& active, Write write);
  std::vector<std::size_t> writes_at(const Activation& active, const VariablePath& path) const;
  std::vector<std::size_t> reads_of(const Activation& active,
                                    const std::vector<VariablePath>& paths) const;
  Write write_of(const Activation& active, const Statement& statement,
                 const std::vector<VariablePath>& paths) const;
  Environment snapshot(const Activation& active, std::size_t writes) const;
  void record_all(Activation& active, const Statement& statement);
  void record(Activation& active, const Write& like, const Located& place);
  void record_stored(Activation& active, Write write, const Expr& target, const Located& place);
  void note_stored(Activation& active, const python::ast::Expression& target, python::Value& value);
  void note_iteration(Activation& active, const python::ast::Expression& target,
                      const python::Value& value);
  void take(Activation& active, const std::string& key, std::vector<std::size_t> writes);

  // What is returned, and the dictionary of gradients: in traced_gradients.cpp.
  static bool is_dictionary(const Statement& statement);
  static bool changes_entry(const Activation& active, const Statement& statement);
  static void expect_entry(Activation& active, const Expr& key, const Expr& value);
  static void expect_entries(Activation& active, const Expr& dictionary);
  void expect_result(Activation& active, const Statement& statement);
  void expect_returned(Activation& active, const Expr& value);
  static void expect_part(Activation& active, const Expr& part);
  static void expect_moved_along(Activation& active, const Expr& value);
  void note_expected(Activation& active, const Activation::Expected& expected,
                     python::Value& value);
  void changed_entry(Activation& active, const Statement& statement);
  void bind_entries(const NamedTensors& gradients);
  std::size_t write_that_is(const at::Tensor& gradient) const;

  std::map<const python::ast::Statement*, const FunctionSyntax*> beginnings_;
  std::map<python::ast::NodeId, const Statement*> statements_;
  std::map<python::ast::NodeId, const Statement*> loop_targets_;
  std::vector<Activation> active_;
  std::map<std::string, std::vector<std::size_t>> shared_;  ///< latest, of what objects hold
  std::vector<const void*> live_;                           ///< by write: the tensor that it gave
  std::size_t steps_ = 0;
  bool is_over_ = false;  ///< a body that has begun again: it is traced once
};

}  // namespace gradient_check
