#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/diagnosis/tape/operation.h"

namespace gradient_check {

class Recorder;

/// Records autograd's backward node by node: which nodes made a value that is not finite out of
/// gradients that are, and which gradients it reaches.
class BackwardRecorder {
 public:
  BackwardRecorder();
  ~BackwardRecorder();

  /// Watches the graph behind `output`, whose nodes `recorder` saw being made.
  void watch(const at::Tensor& output, const Recorder& recorder);
  /// Runs the backward for the targets among `leaves`; adds its steps and sources to `tape`, and
  /// the gradients to `results`.
  void run(const NamedTensors& leaves, const std::vector<std::string>& targets,
           const at::Tensor& grad_output, Tape& tape, Results& results);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace gradient_check
