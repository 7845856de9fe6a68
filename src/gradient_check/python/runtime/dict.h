#pragma once

#include "gradient_check/python/runtime/hash_table.h"
#include "gradient_check/python/runtime/heap.h"

namespace gradient_check::python {

class Interpreter;

struct Dict : Tracked {
  static constexpr Kind object_kind = Kind::dict;
  explicit Dict(Heap& heap) : Tracked(heap, object_kind) {}
  void surrender(Condemned& condemned) override {
    table.surrender(condemned);
    default_factory.surrender(condemned);
  }

  /// By name, without a program's __eq__.
  const Value* find(const Text& name) {
    const auto* entry = table.find(name);
    return entry ? &entry->value : nullptr;
  }
  void set(const Text& name, Value value);
  void set(std::string_view name, Value value);
  bool remove(const Text& name);

  HashTable table;
  Value default_factory;  ///< of a collections.defaultdict; else unset
  bool is_counter = false;
};

struct Set : Tracked {
  static constexpr Kind object_kind = Kind::set;
  Set(Heap& heap, bool is_frozen = false) : Tracked(heap, object_kind), frozen(is_frozen) {}
  void surrender(Condemned& condemned) override { table.surrender(condemned); }
  HashTable table;
  const bool frozen;
};

/// By any key. Raise TypeError for one that has no hash.
const Value* find_item(Interpreter& interpreter, Dict& dict, const Value& key);
void set_item(Interpreter& interpreter, Dict& dict, const Value& key, Value value);
bool remove_item(Interpreter& interpreter, Dict& dict, const Value& key);
HashTable::Entry* find_entry(Interpreter& interpreter, HashTable& table, const Value& key);
void add_to_set(Interpreter& interpreter, Set& set, const Value& element);

/// Python's hash(): equal for values that are equal. Raises TypeError.
std::size_t hash_of(Interpreter& interpreter, const Value& value);

}  // namespace gradient_check::python
