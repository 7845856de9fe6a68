#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/program.h"
#include "gradient_check/subject/program/frame_variables.h"

namespace gradient_check {

/// Where a program keeps a floating tensor, array or number: a variable, or an element or attribute
/// of what a variable holds.
struct Location {
  std::string name;              ///< as a program writes it: `w1`, `params["W1"]`, `net.W1`
  python::Value value;           ///< what it holds
  const void* holder = nullptr;  ///< the container; with `key` it tells locations apart
  std::string key;
  std::function<void(python::Value)> store;  ///< gives it another value

  /// Whether it is a tensor or an array that can change in place.
  bool in_memory() const;
};

/// The locations that can be reached from a frame's variables and those of the top level, shortest
/// names first. What several names hold is there once.
std::vector<Location> find_locations(python::Program& program, const python::Frame& frame);

/// The floating tensor that a value is: of a tensor, array or number; undefined for all others.
at::Tensor floating_tensor(const python::Value& value);
/// Gives a location a tensor's value, in the memory that it has; a number where it holds one.
void put_value(const Location& location, const at::Tensor& tensor);
/// Gives it a copy of a tensor that autograd follows. `arrays`: a number becomes an array.
void put_followed(const Location& location, const at::Tensor& tensor, bool arrays);
/// Whether two tensors are the same elements of the same memory.
bool same_elements(const at::Tensor& a, const at::Tensor& b);

}  // namespace gradient_check
