#pragma once

#include <vector>

#include "gradient_check/python/runtime/heap.h"

namespace gradient_check::python {

struct List : Tracked {
  static constexpr Kind object_kind = Kind::list;
  explicit List(Heap& heap, std::vector<Value> items = {})
      : Tracked(heap, object_kind), elements(std::move(items)) {}
  void surrender(Condemned& condemned) override {
    for (Value& element : elements) element.surrender(condemned);
    elements.clear();
  }
  std::vector<Value> elements;
};

/// Names of a tuple's elements, as of collections.namedtuple and of torch.max's result.
struct TupleFields {
  std::string type_name;
  std::vector<std::string> names;
};

struct Tuple : Object {
  static constexpr Kind object_kind = Kind::tuple;
  explicit Tuple(std::vector<Value> items, const TupleFields* names = nullptr)
      : Object(object_kind), elements(std::move(items)), fields(names) {}
  void surrender(Condemned& condemned) override {
    for (Value& element : elements) element.surrender(condemned);
    elements.clear();
  }
  std::vector<Value> elements;
  const TupleFields* fields;  ///< or null; outlives the tuple
};

/// The fields of torch.Size, which is a tuple of ints with a name and methods of its own.
const TupleFields& size_fields();

struct Slice : Object {
  static constexpr Kind object_kind = Kind::slice;
  Slice(Value from, Value to, Value by)
      : Object(object_kind), lower(std::move(from)), upper(std::move(to)), step(std::move(by)) {}
  void surrender(Condemned& condemned) override {
    for (Value* part : {&lower, &upper, &step}) part->surrender(condemned);
  }
  Value lower, upper, step;  ///< None where left out
};

struct Range : Object {
  static constexpr Kind object_kind = Kind::range;
  Range(std::int64_t from, std::int64_t to, std::int64_t by)
      : Object(object_kind), start(from), stop(to), step(by) {}
  std::int64_t length() const;
  std::int64_t start, stop, step;
};

}  // namespace gradient_check::python
