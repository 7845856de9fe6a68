#pragma once

#include <string>

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/subject/program/environment.h"

namespace gradient_check {

/// The value of a running function's variable; unset if it has none.
python::Value local_variable(const python::Frame& frame, const std::string& name);
/// Gives a variable that the function has another value.
void set_local_variable(python::Frame& frame, const std::string& name, python::Value value);
/// All that a running function's variables hold.
Environment local_variables(const python::Frame& frame, bool arrays);

/// The tensor that a value is, a NumPy array's too; undefined if it is none.
at::Tensor tensor_in(const python::Value& value);
/// The value of `like`'s kind, array or tensor, that holds a tensor.
python::Value value_like(const python::Value& like, const at::Tensor& tensor);

}  // namespace gradient_check
