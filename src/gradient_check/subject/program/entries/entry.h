#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/case/case.h"
#include "gradient_check/subject/program/cotangent_arguments.h"
#include "gradient_check/subject/program/evaluated_program.h"
#include "gradient_check/subject/program/program_outputs.h"
#include "gradient_check/subject/program/statement_names.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// What a program's manual code gives.
struct ManualOutputs {
  std::vector<at::Tensor> outputs;  ///< as many as the forward's
  NamedTensors gradients;
};

/// What of a program is checked: a forward, and the hand-written code that claims to be its
/// derivative. Every function works in the dtype of the values it is given, inside an
/// EvaluationScope of that dtype, one thread at a time, and throws SubjectError with the user's
/// place. Refers to the case and the program, which outlive it.
class Entry {
 public:
  Entry(const Case& loaded, EvaluatedProgram& program)
      : case_(loaded), program_(program), inputs_(loaded.inputs), parameters_(loaded.parameters) {}
  virtual ~Entry() = default;
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  /// The arguments that neither the case nor the program gives a value, in the order of the calls.
  virtual std::vector<std::string> missing() const { return {}; }

  /// Runs the program for the first time, in the case's dtype: to see what it returns, and what
  /// tensors it makes itself. Before that only `inputs` and `parameters` may be asked, which are
  /// then the case's.
  virtual void run_first() = 0;
  /// The same with what the first run of another has shown: of a program that differs by an edit.
  virtual void run_like(const Entry& /*other*/) { run_first(); }

  /// The tensors of the check, by name: the case's, completed by what the program makes itself.
  const NamedTensors& inputs() const { return inputs_; }
  const NamedTensors& parameters() const { return parameters_; }
  /// Each element x of the parameters becomes x (1 + perturbation · n), n normal, always the same;
  /// arguments that are real numbers are moved too.
  void move_parameters(double perturbation);
  /// What the forward returns, and what that is called.
  const ProgramOutputs& outputs() const { return outputs_; }

  /// The forward's outputs at `values`, differentiable by autograd.
  virtual std::vector<at::Tensor> forward(const NamedTensors& values) const = 0;
  virtual bool has_manual() const { return !manual_name().empty(); }
  virtual bool takes_grad_output() const = 0;
  /// What the manual code gives, for a cotangent of the outputs joined.
  virtual ManualOutputs manual(const NamedTensors& values, const at::Tensor& grad_output) const = 0;

  /// The functions of the program that are the forward and the manual code, both the same for a
  /// step, or methods of its classes: "Swish.backward". Empty where it is none.
  virtual std::string forward_name() const = 0;
  virtual std::string manual_name() const = 0;
  /// The statements of the manual code where it is no function: the body of a loop. The forward is
  /// a part of them. Null where it is a function.
  virtual const std::vector<python::ast::StatementPtr>* manual_body() const { return nullptr; }
  /// The program as it runs for the dtype that evaluations have now.
  virtual python::Program& running() const { return program_.running(); }
  /// What runs in the program meanwhile is told to an observer too; null for none.
  virtual void watch(python::Observer* observer) const {
    running().interpreter().observer = observer;
  }
  /// The cotangents of a manual function that is called with the tensors of the check by name, and
  /// so is the forward; null where they are called in another way.
  virtual const CotangentArguments* cotangents_by_name() const { return nullptr; }

  /// Where the manual code computes the gradient of that name, or where it should.
  virtual std::optional<Place> gradient_place(const std::string& name) const;
  /// Where the forward's output is computed.
  virtual std::optional<Place> forward_place() const;
  /// Where the manual code, or else the forward, first writes into the tensor given by that name.
  virtual std::optional<Place> write_place(const std::string& name) const;
  /// Of a turn of a training loop.
  virtual std::shared_ptr<const LoopFacts> loop_facts() const { return nullptr; }
  /// Where this thread runs the program.
  virtual std::optional<RunningPlace> running_place() const { return program_.running_place(); }

 protected:
  /// Of the top level only what these names and the case's reference need runs.
  void run_only(NameSet names);
  /// Throws SubjectError at the function's definition.
  [[noreturn]] void fail(const std::string& function, const std::string& message) const;
  /// Copies of the tensors of the check.
  NamedTensors point() const;
  /// The tensors that a function returned. Throws SubjectError, which says what it returned.
  std::vector<at::Tensor> tensors(const python::Value& value, const std::string& function) const;

  const Case& case_;
  EvaluatedProgram& program_;
  NamedTensors inputs_, parameters_;
  ProgramOutputs outputs_;
};

}  // namespace gradient_check
