#include "gradient_check/python/runtime/heap.h"

#include <vector>

#include "gradient_check/python/runtime/raised.h"

namespace gradient_check::python {

Tracked::Tracked(Heap& owner, Kind kind) : Object(kind), heap(&owner) {
  if (owner.count_ >= Heap::most_objects)
    raise(ErrorKind::MemoryError, "the program makes more objects than fit in memory");
  ++owner.count_;
  next = owner.first_;
  if (next) next->previous = this;
  owner.first_ = this;
}

Tracked::~Tracked() {
  if (!heap) return;
  --heap->count_;
  (previous ? previous->next : heap->first_) = next;
  if (next) next->previous = previous;
}

Heap::~Heap() {
  std::vector<Ref<Tracked>> all;
  for (Tracked* object = first_; object; object = object->next) all.emplace_back(object);
  Condemned condemned;
  for (const auto& object : all) object->surrender(condemned);
  for (Object* object : condemned) destroy(object);
  all.clear();
  // What somebody outside still holds lives on by itself.
  for (Tracked* object = first_; object; object = object->next) object->heap = nullptr;
}

}  // namespace gradient_check::python
