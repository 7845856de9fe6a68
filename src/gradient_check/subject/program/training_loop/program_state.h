#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <unordered_set>
#include <vector>

#include "gradient_check/python/runtime/program.h"

namespace gradient_check {

/// What a program has at one moment, to be brought back any number of times: the contents of all
/// that its variables reach, and where its random numbers stand. Objects keep their identity.
class ProgramState {
 public:
  /// `locals`: the variables of the function that is running, besides those of the top level.
  ProgramState(python::Program& program, const std::vector<python::Value>& locals);

  void restore() const;
  /// Compares large tensors with what they were: from here on those that no turn writes are left
  /// alone by `restore`.
  void learn_written();

 private:
  struct SavedTensor {
    at::Tensor tensor, alias, grad;
    bool requires_grad;
  };
  struct SavedStorage {
    at::Tensor owner;
    std::vector<char> bytes;
    bool untouched = false;
  };

  void reach(const python::Value& value);
  void visit(const python::Value& value);
  void visit_callable(const python::Value& value);
  void visit_table(const python::HashTable& table);
  void visit_opaque(const python::Value& value);
  void add_tensor(const at::Tensor& tensor);
  void add_random_numbers(python::Interpreter& interpreter);
  template <typename T, typename Member>
  void keep(const python::Value& value, Member T::*member);

  std::vector<python::Value> open_;
  std::unordered_set<const void*> seen_;
  std::vector<python::Value> held_;  ///< so that no other object takes an address that was seen
  std::vector<SavedTensor> tensors_;
  std::vector<SavedStorage> storages_;
  std::vector<std::function<void()>> saved_;
};

}  // namespace gradient_check
