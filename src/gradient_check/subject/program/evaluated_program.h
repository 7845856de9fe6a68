#pragma once

#include <ATen/core/ivalue.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/python/runtime/program.h"
#include "gradient_check/python/syntax/tree.h"
#include "gradient_check/subject/program/environment.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A case's program, run by the evaluator: once for each dtype that it is evaluated in, so that
/// what its top level makes has that dtype too. Functions throw SubjectError with the user's place.
class EvaluatedProgram {
 public:
  /// `dtype`: the case's. In evaluations in float64 it and wider ones become float64.
  EvaluatedProgram(const std::string& label, const std::string& text, at::ScalarType dtype);
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
  python::Value argument(const python::ast::Parameter& parameter, const at::Tensor& tensor) const;

  python::ast::Module tree_;
  at::ScalarType dtype_;
  bool gives_arrays_;  ///< a numpy program is given arrays
  mutable std::map<at::ScalarType, std::unique_ptr<python::Program>> programs_;
};

}  // namespace gradient_check
