#pragma once

#include <set>
#include <string>

#include "gradient_check/subject/program/tracer.h"

namespace gradient_check {

/// Notes the values inside a forward that autograd follows: its variables, the parts of its
/// expressions, those of the program's own functions that it calls, and each use of a variable,
/// which is a view of it, so that autograd can be asked for that use's share of the adjoint.
class ForwardTracer : public Tracer {
 public:
  /// `uses`: whether uses are told apart; a program that writes in place may not bear that.
  ForwardTracer(const TracedProgram& program, const TraceOptions& options, bool uses)
      : Tracer(program, options), uses_(uses) {}

  bool statement(python::Frame& frame, const python::ast::Statement& next) override;
  void executed(python::Frame& frame, const python::ast::Statement& done) override;
  void evaluated(python::Frame& frame, const python::ast::Expression& expression,
                 python::Value& value) override;

  /// The output of a run that was stopped before it returned; unset of another.
  const python::Value& output() const { return output_; }

 protected:
  void begun(Activation& active) override;
  void noted(const Activation& active, const std::string& name, const at::Tensor& value) override;
  void stop(Activation& active) override;

 private:
  /// Chooses what is noted of a statement.
  void choose(const Activation& active, const Statement& statement);
  void choose(const python::Frame& frame, const Expr& expression);
  void choose_call(const python::Frame& frame, const Expr& call);
  void note(const Activation& active, const std::string& name, const std::string& text,
            const at::Tensor& value, const std::string& consumer = "");
  /// A value inside a function that is not followed statement by statement.
  void note_inner(const python::Frame& frame, const python::ast::Expression& expression,
                  const at::Tensor& value);
  bool is_inner(const python::Frame& frame);

  const bool uses_;
  std::set<python::ast::NodeId> parts_, read_;
  bool is_open_ = false;  ///< whether the parts of what is running are noted
  std::size_t inner_ = 0;
  Activation* caller_ = nullptr;  ///< of an inner function
  python::Value output_;
};

}  // namespace gradient_check
