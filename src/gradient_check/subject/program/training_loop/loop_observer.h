#pragma once

#include <ATen/core/Generator.h>

#include <cstdint>
#include <string>
#include <vector>

#include "gradient_check/case/named_tensors.h"
#include "gradient_check/python/runtime/observer.h"
#include "gradient_check/subject/program/training_loop/loop_index.h"

namespace gradient_check {

/// What the case says in place of the program, and how its tensors look there.
struct GivenValues {
  NamedTensors tensors;
  bool arrays = false;  ///< a NumPy program's
  std::uint64_t seed = 0;
};

/// Memory that nothing was written to when it was made.
struct RawMemory {
  at::Tensor tensor, drawn;
  const python::ast::Expression* call;
};

/// Watches a program with a training loop: gives what the case gives, and puts seeded normal
/// numbers into memory that nothing is written to.
class LoopObserver : public python::Observer {
 public:
  /// All outlive it.
  LoopObserver(const LoopIndex::Loop* loop, const GivenValues& given);

  bool statement(python::Frame& frame, const python::ast::Statement& next) override;
  void called(python::Frame& frame, const python::ast::Expression& call,
              const python::Value& callee, const python::Arguments& arguments) override;
  void evaluated(python::Frame& frame, const python::ast::Expression& expression,
                 python::Value& value) override;

  const std::vector<RawMemory>& raw_memory() const { return raw_; }

 protected:
  /// Whether the frame is the top level's or that of the function around the loop.
  bool holds_loop(const python::Frame& frame) const;
  const LoopIndex::Loop* loop_;

 private:
  bool give(python::Frame& frame, const python::ast::Expression& target);

  const GivenValues& given_;
  at::Generator generator_;
  const python::ast::Expression* raw_call_ = nullptr;
  std::vector<RawMemory> raw_;
};

/// A tensor of the case as a program holds it.
python::Value given_value(const at::Tensor& tensor, bool arrays);

}  // namespace gradient_check
