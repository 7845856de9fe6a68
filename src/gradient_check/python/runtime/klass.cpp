#include "gradient_check/python/runtime/klass.h"

#include <algorithm>

namespace gradient_check::python {
namespace {

/// C3 linearization, as in Python: https://docs.python.org/3/howto/mro.html
std::vector<Class*> linearized(Class& first, const std::vector<Ref<Class>>& bases) {
  std::vector<std::vector<Class*>> sequences;
  for (const auto& base : bases) sequences.push_back(base->order);
  sequences.emplace_back();
  for (const auto& base : bases) sequences.back().push_back(base.get());
  std::vector<Class*> order{&first};
  while (true) {
    std::erase_if(sequences, [](const auto& sequence) { return sequence.empty(); });
    if (sequences.empty()) return order;
    Class* next = nullptr;
    for (const auto& sequence : sequences) {
      const auto in_tail = [&](const auto& other) {
        return std::find(other.begin() + 1, other.end(), sequence.front()) != other.end();
      };
      if (std::none_of(sequences.begin(), sequences.end(), in_tail)) {
        next = sequence.front();
        break;
      }
    }
    if (!next)
      type_error("Cannot create a consistent method resolution\norder (MRO) for bases of {}",
                 first.name);
    order.push_back(next);
    for (auto& sequence : sequences)
      if (sequence.front() == next) sequence.erase(sequence.begin());
  }
}

}  // namespace

Class::Class(Heap& heap, std::string its_name, std::vector<Ref<Class>> its_bases)
    : Tracked(heap, object_kind),
      name(std::move(its_name)),
      qualified_name(name),
      bases(std::move(its_bases)),
      order(linearized(*this, bases)),
      attributes(make<Dict>(heap)) {
  for (const auto& base : bases) {
    if (!error) error = base->error;
    if (!instances) instances = base->instances;
    has_getattribute = has_getattribute || base->has_getattribute;
  }
}

void Class::surrender(Condemned& condemned) { attributes->table.surrender(condemned); }

const Value* Class::find(const Text& wanted) const {
  for (const Class* in : order)
    if (const Value* found = in->attributes->find(wanted)) return found;
  return nullptr;
}

bool Class::derives_from(const Class& other) const {
  return std::find(order.begin(), order.end(), &other) != order.end();
}

}  // namespace gradient_check::python
