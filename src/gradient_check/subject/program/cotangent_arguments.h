#pragma once

#include <ATen/core/ivalue.h>

#include <map>
#include <string>
#include <vector>

#include "gradient_check/subject/program/program_outputs.h"

namespace gradient_check {

/// The arguments of a program's backward that take the cotangents of what its forward returns:
/// those that are neither inputs nor parameters. One each, in the order of the outputs, or one for
/// all that is declared a list or a tuple of tensors.
class CotangentArguments {
 public:
  CotangentArguments() = default;
  enum class Form { each, list, tuple };
  /// An argument and what it is declared: one cotangent, or a list or tuple of all.
  struct Argument {
    std::string name;
    Form form = Form::each;
    std::size_t size = 1;    ///< of a tuple
    std::string declared{};  ///< "List[Tensor]"
  };

  /// `arguments`: those of the function that take cotangents. Throws std::invalid_argument, which
  /// says what does not fit, where they cannot.
  CotangentArguments(const std::string& function, const std::vector<Argument>& arguments,
                     const ProgramOutputs& outputs);

  bool any() const { return !names_.empty(); }
  /// The values that those arguments have for a cotangent of the joined output.
  std::map<std::string, c10::IValue> bound(const at::Tensor& grad_output) const;

 private:
  std::vector<std::string> names_;
  Form form_ = Form::each;
  bool several_ = false;   ///< outputs
  std::size_t count_ = 0;  ///< cotangents
  Outputs outputs_;
};

}  // namespace gradient_check
