#pragma once

#include <optional>
#include <vector>

#include "gradient_check/python/runtime/value.h"

namespace gradient_check::python {

class Interpreter;
struct Slice;

/// object[index]. Raise IndexError, KeyError, TypeError.
Value get_item(Interpreter& interpreter, const Value& object, const Value& index);
void set_item(Interpreter& interpreter, const Value& object, const Value& index, Value value);
void delete_item(Interpreter& interpreter, const Value& object, const Value& index);

/// The same without what a class derived from list or dict writes: super().__getitem__(…).
Value get_plain_item(Interpreter& interpreter, const Value& object, const Value& index);
void set_plain_item(Interpreter& interpreter, const Value& object, const Value& index, Value value);
void delete_plain_item(Interpreter& interpreter, const Value& object, const Value& index);

/// An int, or what has __index__ (an integer tensor of one element); nothing for other values.
std::optional<std::int64_t> as_index(Interpreter& interpreter, const Value& value);

/// The positions a slice selects of `length`: start, start + step, … count of them.
struct SliceRange {
  std::int64_t start, step, count;
};
SliceRange resolved(Interpreter& interpreter, const Slice& slice, std::int64_t length);

}  // namespace gradient_check::python
