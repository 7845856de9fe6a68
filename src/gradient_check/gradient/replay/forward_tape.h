#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/gradient/detached_values.h"
#include "gradient_check/gradient/replay/patch.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

/// A tensor among a call's arguments or results.
struct TensorSlot {
  std::size_t position = 0;   ///< of the argument or result
  std::int64_t element = -1;  ///< in it, where it is a list
  std::size_t value = 0;      ///< an index into ForwardTape::values
};

class ReplayedCall;
/// How a call's result changes when its arguments do: the patch of its one result, or nothing where
/// the operation has to be run whole.
using ReplayRule = std::optional<Patch> (*)(const ReplayedCall& call);

/// One operation of a recorded forward.
struct RecordedCall {
  c10::OperatorHandle operation;
  std::vector<c10::IValue> arguments;
  std::vector<TensorSlot> inputs, outputs;
  ReplayRule rule = nullptr;
  bool reads_numbers = false;  ///< what follows may depend on the values in ways no tensor shows
};

/// The operations of one evaluation of a subject's forward, with every value they made: what does
/// not depend on a perturbed tensor need not be computed again.
struct ForwardTape {
  std::vector<at::Tensor> values;
  std::map<std::string, std::size_t> arguments;  ///< by name, indices into values
  std::vector<RecordedCall> calls;
  std::size_t output = 0;
};

/// Runs the forward once at `values`, autograd disabled, and records it; what it detaches of the
/// values in `held` is constant. Null where an operation
/// writes into a tensor, works on another device than the CPU, or is called in a way that cannot be
/// repeated.
std::shared_ptr<const ForwardTape> record_forward(const Subject& subject,
                                                  const NamedTensors& values,
                                                  const DetachedValues* held = nullptr);

}  // namespace gradient_check
