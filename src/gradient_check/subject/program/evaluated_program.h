#pragma once

#include <ATen/core/grad_mode.h>
#include <ATen/core/ivalue.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/python/runtime/program.h"
#include "gradient_check/python/syntax/tree.h"
#include "gradient_check/subject/program/environment.h"
#include "gradient_check/subject/saved_values.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A case's program, run by the evaluator: once for each dtype that it is evaluated in, so that
/// what its top level makes has that dtype too. Functions throw SubjectError with the user's place.
class EvaluatedProgram {
 public:
  /// `dtype`: the case's. In evaluations in float64 it and wider ones become float64.
  /// `is_code`: the text is Python already, though the label be a notebook's.
  EvaluatedProgram(const std::string& label, const std::string& text, at::ScalarType dtype,
                   bool is_code = false);
  EvaluatedProgram(python::ast::Module tree, at::ScalarType dtype);

  const python::ast::Module& tree() const { return tree_; }
  bool has(const std::string& function) const;
  std::vector<std::string> function_names() const;
  /// Of a function that exists.
  const std::vector<python::ast::Parameter>& parameters(const std::string& function) const;
  Place place_of(python::Span span) const;
  /// The place of `def NAME`; the program's beginning where there is none.
  Place definition_place(const std::string& function) const;

  using Values = Environment;
  /// Calls a function with those of the values that its parameters name; one that is declared int,
  /// float or bool gets the tensor's only element.
  python::Value call(const std::string& function, const NamedTensors& values,
                     const Values& others = {}) const;
  /// What a value is, for messages: "Tuple[Tensor, int]".
  static std::string type_of(const python::Value& value);
  /// The same, and what the program prints goes to standard error: it is no part of a report.
  python::Value call_aloud(const std::string& function, const NamedTensors& values,
                           const Values& others = {}) const;
  /// The tensors that a value is: one, or those of a tuple or list. Arrays and numbers count.
  /// Throws std::invalid_argument, which names the type that was found.
  std::vector<at::Tensor> tensors_of(const python::Value& value) const;
  /// The tensors of a dictionary by name. Throws std::invalid_argument.
  NamedTensors gradients_of(const python::Value& value) const;

  /// From now on only `part` of the top level runs. Before anything has run.
  void run_only(python::ast::Module part);
  /// What the program's top level has: a variable, or "Class.attribute". Throws SubjectError.
  python::Value variable(const std::string& name) const;
  /// Runs what calls the program: what that raises becomes a SubjectError.
  template <typename Body>
  auto guarded(const Body& body) const;
  /// NumPy's and Python's generators begin again: each evaluation draws the same numbers.
  void reseed() const;
  /// A tensor as the program is given it.
  python::Value tensor_value(const at::Tensor& tensor) const;
  /// The same for an argument: one that is declared int, float or bool is a number.
  python::Value argument(const python::ast::Parameter& parameter, const at::Tensor& tensor) const;
  /// The tensor that a single value is, an array or a number too; undefined if it is none.
  static at::Tensor tensor_in(const python::Value& value);

  /// What the case's numbers that are no integers are multiplied with: 1 but at a fresh point.
  double number_scale() const { return number_scale_; }
  void scale_numbers(double scale) { number_scale_ = scale; }

  /// Whether it is a NumPy program, which is given arrays.
  bool gives_arrays() const { return gives_arrays_; }
  /// Where this thread's call of the program is.
  std::optional<RunningPlace> running_place() const;
  /// Where an interpreter that runs this program's code is.
  std::optional<RunningPlace> running_place(const python::Interpreter& interpreter) const;
  /// What the program raised, at its own place.
  SubjectError error_of(const python::ProgramError& error) const;
  /// The program for the dtype that evaluations have now.
  python::Program& running() const;

 private:
  python::ast::Module tree_;
  python::ast::Module part_;  ///< of it, which runs
  at::ScalarType dtype_;
  bool gives_arrays_;  ///< a numpy program is given arrays
  double number_scale_ = 1;
  mutable std::map<at::ScalarType, std::unique_ptr<python::Program>> programs_;
};

template <typename Body>
auto EvaluatedProgram::guarded(const Body& body) const {
  python::Program& program = running();
  program.interpreter().steps = 0;
  const at::AutoGradMode restored(at::GradMode::is_enabled());
  std::optional<SavedCopies> copies;
  if (gives_arrays_) copies.emplace();
  try {
    return program.reported(body);
  } catch (const python::ProgramError& error) {
    throw error_of(error);
  }
}

}  // namespace gradient_check
