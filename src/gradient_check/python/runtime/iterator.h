#pragma once

#include "gradient_check/python/runtime/heap.h"

namespace gradient_check::python {

class Interpreter;

/// What iter() gives, a generator among them.
struct Iterator : Tracked {
  static constexpr Kind object_kind = Kind::iterator;
  explicit Iterator(Heap& heap) : Tracked(heap, object_kind) {}
  /// The next element into `element`, or false at the end.
  virtual bool next(Interpreter& interpreter, Value& element) = 0;
  virtual const char* type_name() const { return "iterator"; }
  /// How many elements are still to come where that is known, else -1.
  virtual std::int64_t remaining() const { return -1; }
  /// What a generator that has ended returned: StopIteration's value. Unset: None.
  virtual Value returned() const { return {}; }
};

/// iter(value). Raises TypeError.
Ref<Iterator> iterate(Interpreter& interpreter, const Value& value);
/// The same without what a class derived from a container writes.
Ref<Iterator> iterate_plainly(Interpreter& interpreter, const Value& value);
/// All elements of an iterable.
std::vector<Value> elements_of(Interpreter& interpreter, const Value& iterable);

}  // namespace gradient_check::python
