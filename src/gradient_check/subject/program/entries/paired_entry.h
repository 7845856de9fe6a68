#pragma once

#include <string>
#include <vector>

#include "gradient_check/subject/program/entries/bound_gradients.h"
#include "gradient_check/subject/program/entries/call_arguments.h"
#include "gradient_check/subject/program/entries/entry.h"
#include "gradient_check/subject/program/entries/handed_on.h"

namespace gradient_check {

/// A forward and a backward that belong together, called one after the other: functions with a
/// cache, methods of one object, or of one class with a ctx between them.
class PairedEntry : public Entry {
 public:
  using Entry::Entry;

  void run_first() override;
  std::vector<at::Tensor> forward(const NamedTensors& values) const override;
  ManualOutputs manual(const NamedTensors& values, const at::Tensor& grad_output) const override;
  bool takes_grad_output() const override { return !handed_on_.cotangents().empty(); }
  std::optional<Place> gradient_place(const std::string& name) const override;

 protected:
  /// What both are called on: an object, a ctx; unset for functions.
  virtual python::Value receiver(const NamedTensors& values) const = 0;
  virtual python::Value call_forward(const python::Value& receiver,
                                     const NamedTensors& values) const = 0;
  /// `others`: the cotangents and what the forward handed on, by argument.
  virtual python::Value call_backward(const python::Value& receiver, const NamedTensors& values,
                                      const ValuesByName& others) const = 0;
  /// How forward and backward fit together, seen at a first result.
  virtual HandedOn handed_on(const python::Value& result) const;
  /// The gradients that the backward left in the object, of parameters.
  virtual void add_left_gradients(const python::Value& /*receiver*/, const NamedTensors& /*values*/,
                                  NamedTensors& /*gradients*/) const {}
  /// Those of the outputs that are marked as not differentiable.
  virtual bool is_constant(const python::Value& /*receiver*/, const at::Tensor&) const {
    return false;
  }
  /// Sees the object after the first forward, and makes the tensors of the check complete.
  virtual void look_at(const python::Value& /*receiver*/) {}
  /// The tensors among the outputs of what the forward returned.
  std::vector<at::Tensor> outputs_of(const python::Value& receiver,
                                     const python::Value& result) const;
  /// Of its arguments; set by the derived class.
  CallArguments forward_arguments_, backward_arguments_;

 private:
  ValuesByName cotangents(const at::Tensor& grad_output) const;
  python::Value cotangent_value(const at::Tensor& cotangent) const;
  GradientTargets targets() const;
  python::Value first_aloud(const python::Value& receiver, const NamedTensors& values,
                            const ValuesByName& others) const;

  HandedOn handed_on_;
  std::vector<bool> are_tensors_;  ///< of the outputs
  mutable bool printed_ = false;
};

}  // namespace gradient_check
