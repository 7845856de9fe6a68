#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gradient_check/subject/program/entries/call_arguments.h"
#include "gradient_check/subject/program/entries/object_state.h"

namespace gradient_check {

/// An object of one of a program's classes, made anew for each evaluation, with the tensors of the
/// check in its state.
class ProgramObject {
 public:
  ProgramObject(const Case& loaded, const EvaluatedProgram& program, std::string class_name);

  /// Of the constructor's arguments those that neither the case nor a default gives.
  std::vector<std::string> missing() const;
  bool takes(const std::string& argument) const { return constructor_.has(argument); }
  /// A new one; what `values` has the name of stands in its state.
  python::Value make(const NamedTensors& values) const;
  /// A method's function and the method of an object. Raises AttributeError.
  python::Value method(const python::Value& object, const std::string& name) const;
  /// The floating tensors of its state that a forward depends on, which `call` runs on an object
  /// and gives the outputs of: those that it keeps from one call to the next, but not `inputs`,
  /// statistics and gradients.
  using Forward = std::function<std::vector<at::Tensor>(const python::Value& object,
                                                        const NamedTensors& values)>;
  NamedTensors parameters(const NamedTensors& values, const Forward& call);
  /// Gradients that a backward left in the object, and those that it moved parameters along, of
  /// parameters that have none in `gradients`.
  void add_left_gradients(const python::Value& object, const NamedTensors& parameters,
                          const NamedTensors& values, NamedTensors& gradients) const;

 private:
  /// What an object holds after a forward that it still holds after the next.
  std::vector<StateTensor> kept_state(const NamedTensors& values, const Forward& call);
  void put(const python::Value& object, const NamedTensors& values) const;
  /// What the check calls a tensor of the state: what the constructor was given it as, or its name.
  const std::string& name_of(const StateTensor& tensor) const;
  at::Tensor update_of(const python::Value& object, const StateTensor& tensor,
                       const at::Tensor& before) const;

  const Case& case_;
  const EvaluatedProgram& program_;
  std::string class_name_;
  CallArguments constructor_;
  std::map<std::string, std::string> given_;  ///< state that is a constructor's argument
  Forward initialize_;  ///< the first forward makes parameters; empty where the constructor does
};

}  // namespace gradient_check
