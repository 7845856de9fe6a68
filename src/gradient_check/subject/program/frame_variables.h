#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/subject/program/environment.h"
#include "gradient_check/subject/program/variable_path.h"

namespace gradient_check {

/// Where a running program keeps what a path names.
struct Located {
  python::Value* value = nullptr;
  std::string text;  ///< the path as far as it leads through objects, dictionaries and lists
  std::string key;   ///< the same for every way to the same place, within one frame
};

/// Nothing where there is no value. Runs none of the program's code. What lies inside a tensor is
/// the tensor.
std::optional<Located> locate(const python::Frame& frame, const VariablePath& path);

/// All that a running body's variables hold, and what the objects, dictionaries and lists among
/// them hold, by text: "self.w", "params[\"W1\"]". Of a module's body what is no module, class or
/// function.
std::map<std::string, python::Value> variables_of(const python::Frame& frame);
/// The way to an object from a body's variables or those of its module; empty where there is none.
std::string way_to(const python::Frame& frame, const python::Value& object);
/// The same as an environment.
Environment environment_of(const python::Frame& frame, bool arrays);

/// The tensor that a value is, a NumPy array's too; undefined if it is none.
at::Tensor tensor_in(const python::Value& value);
/// The value of `like`'s kind, array or tensor, that holds a tensor.
python::Value value_like(const python::Value& like, const at::Tensor& tensor);

}  // namespace gradient_check
