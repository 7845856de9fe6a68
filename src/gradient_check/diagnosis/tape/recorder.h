#pragma once

#include <memory>
#include <set>
#include <string>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/diagnosis/tape/operation.h"

namespace gradient_check {

/// While it lives, records every operation that this thread asks LibTorch for on behalf of a
/// subject, and where each value that is not finite in an output comes from. Needs memory of a few
/// hundred bytes for an operation, and for the tensors of those it keeps; the evaluation's own
/// tensors are let go as ever. One recorder at a time on a thread.
class Recorder {
 public:
  /// `arguments`: the tensors that the evaluation is given. `keep`: indices of the operations whose
  /// place and values are kept.
  Recorder(const Subject& subject, const NamedTensors& arguments, std::set<std::size_t> keep);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// The operation that gave that tensor its present contents; nowhere for an argument.
  std::size_t producer_of(const at::Tensor& tensor) const;
  /// Where what is not finite in that tensor comes from; empty where all of it is finite.
  Sources sources_of(const at::Tensor& tensor);
  /// The operation that made the node of autograd's graph with that sequence number.
  std::size_t maker_of(std::uint64_t sequence_number) const;

  Tape& tape();
  const Tape& tape() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gradient_check
