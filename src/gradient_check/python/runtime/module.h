#pragma once

#include <map>
#include <string>
#include <vector>

#include "gradient_check/python/runtime/heap.h"

namespace gradient_check::python {

class Interpreter;

/// A module, of the program or built in. Its variables have fixed slots, by which code refers to
/// them.
struct Module : Tracked {
  static constexpr Kind object_kind = Kind::module;
  /// Makes an attribute that is asked for the first time; unset if there is none.
  using Loader = Value (*)(Interpreter&, Module&, const std::string& name);

  Module(Heap& heap, std::string its_name, Loader its_loader = nullptr)
      : Tracked(heap, object_kind), name(std::move(its_name)), loader(its_loader) {}
  void surrender(Condemned& condemned) override {
    for (Value& value : values) value.surrender(condemned);
    for (Value& star : stars) star.surrender(condemned);
  }

  std::uint32_t slot(const std::string& variable) {
    const auto [found, is_new] = slots.try_emplace(variable, values.size());
    if (is_new) values.emplace_back();
    return found->second;
  }
  /// The variable or attribute; unset if there is none.
  Value get(Interpreter& interpreter, const std::string& variable);
  void set(const std::string& variable, Value value) { values[slot(variable)] = std::move(value); }

  /// Whether it is a program's, or a file's beside it.
  bool is_programs() const { return !folder.empty() || name == "__main__"; }

  const std::string name;
  const Loader loader;
  std::map<std::string, std::uint32_t> slots;
  std::vector<Value> values;
  std::string folder;        ///< of a file's module: where its relative imports stand
  bool is_package = false;   ///< whether submodules stand in that folder
  bool has_file = true;      ///< false for a package that is a mere folder
  std::vector<Value> stars;  ///< modules whose names are looked up late: from torch import *
};

}  // namespace gradient_check::python
