#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/birth.h"
#include "gradient_check/subject/subject.h"

namespace gradient_check {

constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

/// Where a value that is not finite comes from: the operation that made it out of finite ones, a
/// value of the case, or a constant that the program states (a mask's -inf), which is no fault in
/// itself.
struct Source {
  enum class Kind { birth, input, constant };
  Kind kind = Kind::birth;
  std::size_t operation = nowhere;  ///< of a birth or constant; of a birth in a backward, the
                                    ///< operation whose derivative it is
  std::size_t backward = nowhere;   ///< of a birth in autograd's backward: the step
  std::string name = "";            ///< of an input
  Cause cause = Cause::domain_error;
  std::int64_t element = 0;   ///< flat, in the operation's output
  std::int64_t elements = 1;  ///< how many were born at once
  bool is_nan = false;        ///< of an input
  bool of_intended = false;   ///< of a birth: made of infinities that are stated, not born
};
using Sources = std::set<std::size_t>;  ///< by index in the tape

/// One operation that the program, or a layer, asked LibTorch for; what it calls inside is not
/// recorded. Values are kept only where asked for.
struct Operation {
  std::string name;  ///< of the operator, without namespace and trailing underscore: "log"
  std::string operator_name, overload;  ///< as LibTorch's dispatcher knows it
  std::vector<std::size_t> producers;   ///< of each tensor operand; nowhere for an argument
  std::vector<std::string> leaves;      ///< the argument's name where the producer is none
  bool bad_output = false;
  Sources sources;  ///< of what is not finite in its output

  bool kept = false;
  std::optional<RunningPlace> place;
  std::vector<c10::IValue> arguments;  ///< as they were before the operation
  at::Tensor output;                   ///< the first one
};

/// A node of autograd's graph, as it was run.
struct BackwardStep {
  std::string name;                   ///< "LogBackward0"
  std::size_t operation = nowhere;    ///< the operation of the forward that made it
  Sources sources;                    ///< of what is not finite in the gradients it gives
  std::vector<std::int64_t> shape;    ///< of the gradient in which `element` is
  std::int64_t element = 0;           ///< the first one that is not finite, flat
  double incoming = 0, outgoing = 0;  ///< the gradient there, before and after
};

/// The recorded operations of one evaluation, in the order of their execution.
struct Tape {
  std::vector<Operation> operations;
  std::vector<Source> sources;
  std::vector<BackwardStep> backward;
};

/// What became of one result of the evaluation: the loss ("loss"), or a gradient by name.
struct Result {
  std::size_t producer = nowhere;  ///< the operation, or the step of the backward
  Sources sources;                 ///< empty where it is finite
  at::Tensor value;
};
using Results = std::map<std::string, Result>;

}  // namespace gradient_check
