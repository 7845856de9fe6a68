#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/subject/place.h"

namespace gradient_check {

/// Where the code that is running was written.
struct RunningPlace {
  Place place;                ///< the innermost in what the user wrote
  std::optional<Place> call;  ///< of the user's helper function that `place` is in
  std::string call_text;      ///< "sigmoid(l2)"
  std::string text;           ///< the expression as written: "torch.log(1 - p)"
  std::string operation;      ///< what the user calls the operation, where it has a name: a layer's
};

/// The subject cannot be evaluated: it does not compile, or it throws when run.
class SubjectError : public std::runtime_error {
 public:
  SubjectError(std::optional<Place> place, const std::string& message)
      : std::runtime_error(message), place_(std::move(place)) {}
  const std::optional<Place>& place() const { return place_; }

 private:
  std::optional<Place> place_;
};

/// What the manual code gives for one point and cotangent.
struct ManualResult {
  at::Tensor output;
  NamedTensors gradients;
};

struct LoopFacts;
struct Stage;
class StepwiseProgram;

/// What is under test: a forward that LibTorch can differentiate, and manual code that claims to.
/// Every function works in the dtype of the floating values it is given. Evaluate it inside an
/// EvaluationScope of that dtype.
class Subject {
 public:
  virtual ~Subject() = default;

  /// The point of the check, in the case's dtype. Every parameter needs a gradient, a floating
  /// input may have one.
  virtual const NamedTensors& parameters() const = 0;
  virtual const NamedTensors& inputs() const = 0;

  /// The output at `values` (inputs and parameters by name), differentiable by autograd.
  virtual at::Tensor forward(const NamedTensors& values) const = 0;

  /// False for a forward alone: autograd is then checked by finite differences.
  virtual bool has_manual() const = 0;
  /// Whether the manual code takes the output's cotangent. Where it does not, that is 1.
  virtual bool takes_grad_output() const = 0;
  /// The manual output and gradients at `values` for a cotangent of the output's shape.
  virtual ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const = 0;

  /// Whether the tensor of that name stands for a complex one: its last dimension holds the real
  /// part and the imaginary one.
  virtual bool is_complex(const std::string& /*name*/) const { return false; }
  /// Whether forward and manual code are known to consist of LibTorch's own operations, none of
  /// which writes into an argument or hands out memory that nothing was written to. Such a subject
  /// may be given its tensors themselves, and repeats itself unless it draws random numbers.
  virtual bool pure() const { return false; }

  /// What an evaluation so far has shown that rules out a derivative: an output whose shape depends
  /// on the values.
  virtual std::optional<std::string> why_not_differentiable() const { return std::nullopt; }
  /// The same computation on the CPU, where what watches operations can look into their memory.
  virtual const Subject& on_cpu() const { return *this; }

  /// Where the manual code computes the gradient of that name, or where it should.
  virtual std::optional<Place> gradient_place(const std::string& name) const {
    (void)name;
    return std::nullopt;
  }
  /// Where the manual code, or else the forward, first writes into the tensor given by that name.
  virtual std::optional<Place> write_place(const std::string& name) const {
    (void)name;
    return std::nullopt;
  }
  /// The statements of the manual code where they can be run one by one; null where not.
  virtual const StepwiseProgram* stepwise() const { return nullptr; }
  /// The parts of a chain, each with a backward of its own, in the order of the forward; empty
  /// where the subject is no chain. They refer to the subject.
  virtual std::vector<Stage> stages() const;
  /// The text of a program; null where the subject is none.
  virtual const std::string* program_text() const { return nullptr; }
  /// The same subject with another program. Throws SubjectError where it does not compile.
  virtual std::unique_ptr<Subject> with_program_text(const std::string& /*text*/) const {
    return nullptr;
  }
  /// Where the code that this thread is running for the subject was written, asked from inside an
  /// operation; nothing where it is not known.
  virtual std::optional<RunningPlace> running_place() const { return std::nullopt; }
  /// A manual Hessian-vector product of Σ forward · grad_output, by parameter, where there is one.
  virtual bool has_hvp() const { return false; }
  virtual NamedTensors hvp(const NamedTensors& /*values*/, const NamedTensors& /*tangents*/,
                           const at::Tensor& /*grad_output*/) const {
    return {};
  }
  /// A manual Jacobian-vector product: the output's derivative along the tangents.
  virtual bool has_jvp() const { return false; }
  virtual at::Tensor jvp(const NamedTensors& /*values*/, const NamedTensors& /*tangents*/) const {
    return {};
  }
  /// Whether the manual `hvp` or `jvp` takes a direction for the tensor of that name. One that it
  /// takes none for stays where it is.
  virtual bool takes_tangent(const std::string& /*function*/, const std::string& /*name*/) const {
    return true;
  }
  /// Where a function of that name is written.
  virtual std::optional<Place> function_place(const std::string& /*function*/) const {
    return std::nullopt;
  }
  /// What is known of the training loop that this is one turn of; null where it is none.
  virtual std::shared_ptr<const LoopFacts> loop_facts() const { return nullptr; }
  /// Where the forward's output is computed.
  virtual std::optional<Place> forward_place() const { return std::nullopt; }
};

}  // namespace gradient_check
