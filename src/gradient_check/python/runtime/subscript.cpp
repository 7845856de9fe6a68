#include "gradient_check/python/runtime/subscript.h"

#include <algorithm>

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

std::size_t position(Interpreter& interpreter, const char* type, const Value& index,
                     std::size_t size, const char* what = "index") {
  const auto number = as_index(interpreter, index);
  if (!number) type_error("{} indices must be integers or slices, not {}", type, type_name(index));
  const auto length = static_cast<std::int64_t>(size);
  const std::int64_t at = *number < 0 ? *number + length : *number;
  if (at < 0 || at >= length) raise(ErrorKind::IndexError, "{} {} out of range", type, what);
  return static_cast<std::size_t>(at);
}

std::vector<Value> sliced(Interpreter& interpreter, const std::vector<Value>& elements,
                          const Slice& slice) {
  const SliceRange range = resolved(interpreter, slice, static_cast<std::int64_t>(elements.size()));
  std::vector<Value> result;
  for (std::int64_t i = 0; i < range.count; ++i)
    result.push_back(elements[static_cast<std::size_t>(range.start + i * range.step)]);
  return result;
}

Value text_item(Interpreter& interpreter, const Text& text, const Value& index) {
  const auto character = [&](std::int64_t at) {
    const std::size_t begin = byte_offset(text, at);
    return text.text.substr(begin, byte_offset(text, at + 1) - begin);
  };
  if (const Slice* slice = index.get_if<Slice>()) {
    const SliceRange range = resolved(interpreter, *slice, length(text));
    std::string result;
    for (std::int64_t i = 0; i < range.count; ++i)
      result += character(range.start + i * range.step);
    return Value::string(std::move(result));
  }
  return Value::string(character(static_cast<std::int64_t>(
      position(interpreter, "string", index, static_cast<std::size_t>(length(text))))));
}

Value bytes_item(Interpreter& interpreter, const Bytes& bytes, const Value& index) {
  if (const Slice* slice = index.get_if<Slice>()) {
    const SliceRange range =
        resolved(interpreter, *slice, static_cast<std::int64_t>(bytes.data.size()));
    std::string result;
    for (std::int64_t i = 0; i < range.count; ++i)
      result += bytes.data[static_cast<std::size_t>(range.start + i * range.step)];
    return make<Bytes>(std::move(result));
  }
  const std::size_t at = position(interpreter, "bytes", index, bytes.data.size());
  return Value::integer(static_cast<unsigned char>(bytes.data[at]));
}

Value range_item(Interpreter& interpreter, const Range& range, const Value& index) {
  if (const Slice* slice = index.get_if<Slice>()) {
    const SliceRange part = resolved(interpreter, *slice, range.length());
    const std::int64_t start = range.start + part.start * range.step;
    const std::int64_t step = part.step * range.step;
    return make<Range>(start, start + part.count * step, step);
  }
  const auto at =
      position(interpreter, "range object", index, static_cast<std::size_t>(range.length()));
  return Value::integer(range.start + static_cast<std::int64_t>(at) * range.step);
}

Value dict_item(Interpreter& interpreter, Dict& dict, const Value& key) {
  if (const Value* found = find_item(interpreter, dict, key)) return *found;
  if (dict.is_counter) return Value::integer(0);
  if (dict.default_factory.is_set() && !dict.default_factory.is_none()) {
    Value made = call(interpreter, dict.default_factory, {});
    set_item(interpreter, dict, key, made);
    return made;
  }
  Raised raised(ErrorKind::KeyError, "");
  raised.argument = key;
  throw raised;
}

void set_list_slice(Interpreter& interpreter, List& list, const Slice& slice, const Value& value) {
  const SliceRange range =
      resolved(interpreter, slice, static_cast<std::int64_t>(list.elements.size()));
  std::vector<Value> values = elements_of(interpreter, value);
  if (range.step == 1) {
    const auto begin = list.elements.begin() + range.start;
    const auto at = list.elements.erase(begin, begin + range.count);
    list.elements.insert(at, values.begin(), values.end());
    return;
  }
  if (values.size() != static_cast<std::size_t>(range.count))
    value_error("attempt to assign sequence of size {} to extended slice of size {}", values.size(),
                range.count);
  for (std::int64_t i = 0; i < range.count; ++i)
    list.elements[static_cast<std::size_t>(range.start + i * range.step)] =
        std::move(values[static_cast<std::size_t>(i)]);
}

void delete_list_item(Interpreter& interpreter, List& list, const Value& index) {
  const Slice* slice = index.get_if<Slice>();
  if (!slice) {
    list.elements.erase(list.elements.begin() +
                        static_cast<std::ptrdiff_t>(position(
                            interpreter, "list", index, list.elements.size(), "assignment index")));
    return;
  }
  const SliceRange range =
      resolved(interpreter, *slice, static_cast<std::int64_t>(list.elements.size()));
  for (std::int64_t i = 0; i < range.count; ++i)
    list.elements[static_cast<std::size_t>(range.start + i * range.step)] = Value();
  std::erase_if(list.elements, [](const Value& element) { return !element.is_set(); });
}

}  // namespace

std::optional<std::int64_t> as_index(Interpreter& interpreter, const Value& value) {
  if (value.is_integral()) return value.as_integer();
  if (value.is(Kind::tensor) && tensor_is_index(value)) return tensor_item(value).as_integer();
  if (const Opaque* opaque = value.get_if<Opaque>()) return opaque->index();
  if (value.is(Kind::instance)) {
    const Value index = call_special(interpreter, value, "__index__");
    if (index.is_integral()) return index.as_integer();
  }
  return std::nullopt;
}

SliceRange resolved(Interpreter& interpreter, const Slice& slice, std::int64_t length) {
  const auto bound = [&](const Value& value, std::int64_t otherwise) {
    if (value.is_none()) return otherwise;
    if (const auto index = as_index(interpreter, value)) return *index;
    type_error("slice indices must be integers or None or have an __index__ method");
  };
  const std::int64_t step = bound(slice.step, 1);
  if (step == 0) value_error("slice step cannot be zero");
  const std::int64_t first = step > 0 ? 0 : -1, last = step > 0 ? length : length - 1;
  const auto clamped = [&](std::int64_t at) {
    return std::clamp(at < 0 ? at + length : at, first, last);
  };
  const std::int64_t start =
      slice.lower.is_none() ? (step > 0 ? 0 : last) : clamped(bound(slice.lower, 0));
  const std::int64_t stop =
      slice.upper.is_none() ? (step > 0 ? last : -1) : clamped(bound(slice.upper, 0));
  return {start, step, Range(start, stop, step).length()};
}

Value get_item(Interpreter& interpreter, const Value& object, const Value& index) {
  const Value own = own_special(interpreter, object, "__getitem__", {index});
  return own.is_set() ? own : get_plain_item(interpreter, object, index);
}

Value get_plain_item(Interpreter& interpreter, const Value& object, const Value& index) {
  switch (object.kind()) {
    case Kind::tensor:
      return tensor_get_item(interpreter, object, index);
    case Kind::list: {
      const auto& elements = object.as<List>().elements;
      if (const Slice* slice = index.get_if<Slice>())
        return make<List>(interpreter.heap, sliced(interpreter, elements, *slice));
      return elements[position(interpreter, "list", index, elements.size())];
    }
    case Kind::tuple: {
      const Tuple& tuple = object.as<Tuple>();
      if (const Slice* slice = index.get_if<Slice>())
        return make<Tuple>(sliced(interpreter, tuple.elements, *slice),
                           tuple.fields == &size_fields() ? tuple.fields : nullptr);
      return tuple.elements[position(interpreter, "tuple", index, tuple.elements.size())];
    }
    case Kind::dict:
      if (own_class(object) && !find_item(interpreter, object.as<Dict>(), index))
        if (const Value made = own_special(interpreter, object, "__missing__", {index});
            made.is_set())
          return made;
      return dict_item(interpreter, object.as<Dict>(), index);
    case Kind::string:
      return text_item(interpreter, object.as<Text>(), index);
    case Kind::range:
      return range_item(interpreter, object.as<Range>(), index);
    case Kind::bytes:
      return bytes_item(interpreter, object.as<Bytes>(), index);
    case Kind::klass: {
      static const Text item_name("__class_getitem__");
      const Value* found = object.as<Class>().find(item_name);
      if (found && found->is(Kind::class_method))
        return call(interpreter, found->as<MethodWrapper>().function, {object, index});
      return object;  // list[int], Optional[Tensor]: types say nothing here
    }
    case Kind::opaque:
      return object.as<Opaque>().get_item(interpreter, index);
    default:
      break;
  }
  const Value result = object.is(Kind::instance)
                           ? call_special(interpreter, object, "__getitem__", {index})
                           : Value();
  if (!result.is_set()) type_error("'{}' object is not subscriptable", type_name(object));
  return result;
}

void set_item(Interpreter& interpreter, const Value& object, const Value& index, Value value) {
  if (own_special(interpreter, object, "__setitem__", {index, value}).is_set()) return;
  set_plain_item(interpreter, object, index, std::move(value));
}

void set_plain_item(Interpreter& interpreter, const Value& object, const Value& index,
                    Value value) {
  if (object.is(Kind::tensor)) return tensor_set_item(interpreter, object, index, value);
  if (Dict* dict = object.get_if<Dict>())
    return set_item(interpreter, *dict, index, std::move(value));
  if (List* list = object.get_if<List>()) {
    if (const Slice* slice = index.get_if<Slice>())
      return set_list_slice(interpreter, *list, *slice, value);
    const auto at = position(interpreter, "list", index, list->elements.size(), "assignment index");
    list->elements[at] = std::move(value);
    return;
  }
  if (Opaque* opaque = object.get_if<Opaque>()) return opaque->set_item(interpreter, index, value);
  const bool done = object.is(Kind::instance) &&
                    call_special(interpreter, object, "__setitem__", {index, value}).is_set();
  if (!done) type_error("'{}' object does not support item assignment", type_name(object));
}

void delete_item(Interpreter& interpreter, const Value& object, const Value& index) {
  if (own_special(interpreter, object, "__delitem__", {index}).is_set()) return;
  delete_plain_item(interpreter, object, index);
}

void delete_plain_item(Interpreter& interpreter, const Value& object, const Value& index) {
  if (List* list = object.get_if<List>()) return delete_list_item(interpreter, *list, index);
  if (Dict* dict = object.get_if<Dict>()) {
    if (remove_item(interpreter, *dict, index)) return;
    Raised raised(ErrorKind::KeyError, "");
    raised.argument = index;
    throw raised;
  }
  const bool done = object.is(Kind::instance) &&
                    call_special(interpreter, object, "__delitem__", {index}).is_set();
  if (!done) type_error("'{}' object doesn't support item deletion", type_name(object));
}

}  // namespace gradient_check::python
