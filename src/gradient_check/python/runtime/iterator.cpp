#include "gradient_check/python/runtime/iterator.h"

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

/// What an iterator over `value` keeps alive.
struct Over : Iterator {
  Over(Heap& heap, Value value) : Iterator(heap), of(std::move(value)) {}
  void surrender(Condemned& condemned) override { of.surrender(condemned); }
  Value of;
  std::size_t at = 0;
};

struct ElementIterator : Over {
  using Over::Over;
  bool next(Interpreter&, Value& element) override {
    if (!of.is_set()) return false;
    const auto& elements = of.is(Kind::list) ? of.as<List>().elements : of.as<Tuple>().elements;
    if (at >= elements.size()) return false;
    element = elements[at++];
    return true;
  }
};

struct RangeIterator : Iterator {
  RangeIterator(Heap& heap, const Range& range)
      : Iterator(heap), value(range.start), step(range.step), left(range.length()) {}
  bool next(Interpreter&, Value& element) override {
    if (left == 0) return false;
    element = Value::integer(value);
    if (--left != 0) value += step;
    return true;
  }
  std::int64_t value, step, left;
};

struct TextIterator : Over {
  using Over::Over;
  bool next(Interpreter&, Value& element) override {
    if (!of.is_set()) return false;
    const std::string& text = text_of(of);
    if (at >= text.size()) return false;
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
    element = Value::string(text.substr(at, end - at));
    at = end;
    return true;
  }
};

struct BytesIterator : Over {
  using Over::Over;
  bool next(Interpreter&, Value& element) override {
    if (!of.is_set() || at >= of.as<Bytes>().data.size()) return false;
    element = Value::integer(static_cast<unsigned char>(of.as<Bytes>().data[at++]));
    return true;
  }
};

struct KeyIterator : Over {
  KeyIterator(Heap& heap, Value value) : Over(heap, std::move(value)), size(table().size()) {}
  HashTable& table() const { return of.is(Kind::dict) ? of.as<Dict>().table : of.as<Set>().table; }
  bool next(Interpreter&, Value& element) override {
    if (!of.is_set()) return false;
    if (table().size() != size)
      raise(ErrorKind::RuntimeError, "{} changed size during iteration",
            of.is(Kind::dict) ? "dictionary" : "Set");
    const auto& entries = table().entries();
    while (at < entries.size() && !entries[at].key.is_set()) ++at;
    if (at >= entries.size()) return false;
    element = entries[at++].key;
    return true;
  }
  std::size_t size;
};

struct TensorIterator : Over {
  using Over::Over;
  bool next(Interpreter&, Value& element) override {
    if (!of.is_set() || static_cast<std::int64_t>(at) >= tensor_length(of)) return false;
    element = tensor_element(of, static_cast<std::int64_t>(at++));
    return true;
  }
};

struct OpaqueIterator : Over {
  using Over::Over;
  bool next(Interpreter& interpreter, Value& element) override {
    if (!of.is_set() || static_cast<std::int64_t>(at) >= of.as<Opaque>().length()) return false;
    element =
        of.as<Opaque>().get_item(interpreter, Value::integer(static_cast<std::int64_t>(at++)));
    return true;
  }
};

/// An instance with __next__.
struct InstanceIterator : Over {
  using Over::Over;
  bool next(Interpreter& interpreter, Value& element) override {
    try {
      element = call_special(interpreter, of, "__next__");
      return true;
    } catch (const Raised& raised) {
      if (raised.kind == ErrorKind::StopIteration) return false;
      throw;
    }
  }
};

/// An instance with __getitem__ only.
struct ItemIterator : Over {
  using Over::Over;
  bool next(Interpreter& interpreter, Value& element) override {
    try {
      element = call_special(interpreter, of, "__getitem__",
                             {Value::integer(static_cast<std::int64_t>(at++))});
      return true;
    } catch (const Raised& raised) {
      if (raised.kind == ErrorKind::IndexError) return false;
      throw;
    }
  }
};

Ref<Iterator> iterate_instance(Interpreter& interpreter, const Value& value) {
  const Value made = call_special(interpreter, value, "__iter__");
  if (made.is(Kind::iterator)) return Ref<Iterator>(&made.as<Iterator>());
  static const Text next_name("__next__");
  if (made.is(Kind::instance) && find_in_class(interpreter, made, next_name))
    return Ref<Iterator>(make<InstanceIterator>(interpreter.heap, made).get());
  if (!made.is_set() && find_in_class(interpreter, value, Text("__getitem__")))
    return Ref<Iterator>(make<ItemIterator>(interpreter.heap, value).get());
  if (made.is_set()) type_error("iter() returned non-iterator of type '{}'", type_name(made));
  return nullptr;
}

template <typename T>
Ref<Iterator> made(Interpreter& interpreter, const Value& value) {
  return Ref<Iterator>(new T(interpreter.heap, value));
}

}  // namespace

Ref<Iterator> iterate(Interpreter& interpreter, const Value& value) {
  if (const Value made = own_special(interpreter, value, "__iter__"); made.is_set())
    return iterate(interpreter, made);
  return iterate_plainly(interpreter, value);
}

Ref<Iterator> iterate_plainly(Interpreter& interpreter, const Value& value) {
  switch (value.kind()) {
    case Kind::iterator:
      return Ref<Iterator>(&value.as<Iterator>());
    case Kind::list:
    case Kind::tuple:
      return made<ElementIterator>(interpreter, value);
    case Kind::range:
      return Ref<Iterator>(new RangeIterator(interpreter.heap, value.as<Range>()));
    case Kind::string:
      return made<TextIterator>(interpreter, value);
    case Kind::bytes:
      return made<BytesIterator>(interpreter, value);
    case Kind::dict:
    case Kind::set:
      return made<KeyIterator>(interpreter, value);
    case Kind::tensor:
      if (tensor_is_scalar(value)) type_error("iteration over a 0-d tensor");
      return made<TensorIterator>(interpreter, value);
    case Kind::opaque:
      if (!value.as<Opaque>().is_sequence()) break;
      value.as<Opaque>().length();  // raises for an array of no dimension
      return made<OpaqueIterator>(interpreter, value);
    case Kind::instance:
      if (Ref<Iterator> iterator = iterate_instance(interpreter, value)) return iterator;
      break;
    case Kind::klass:  // an Enum
      if (const Value made = find_attribute(interpreter, value, Text("__class_iter__"));
          made.is_set())
        return iterate(interpreter, call(interpreter, made, {}));
      break;
    default:
      break;
  }
  type_error("'{}' object is not iterable", type_name(value));
}

std::vector<Value> elements_of(Interpreter& interpreter, const Value& iterable) {
  if (!own_class(iterable)) {
    if (const List* list = iterable.get_if<List>()) return list->elements;
    if (const Tuple* tuple = iterable.get_if<Tuple>()) return tuple->elements;
  }
  const Ref<Iterator> iterator = iterate(interpreter, iterable);
  std::vector<Value> elements;
  Value element;
  while (iterator->next(interpreter, element)) {
    interpreter.count_step();
    elements.push_back(std::move(element));
    if (elements.size() > interpreter.limits.text)
      raise(ErrorKind::MemoryError, "too many elements");
  }
  return elements;
}

}  // namespace gradient_check::python
