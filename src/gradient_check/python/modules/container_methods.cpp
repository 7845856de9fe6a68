#include <algorithm>

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/format.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/subscript.h"

namespace gradient_check::python {

namespace {

List& list_of(const Parameters& parameters) { return parameters[0].as<List>(); }
Dict& dict_of(const Parameters& parameters) { return parameters[0].as<Dict>(); }
Set& set_of(const Parameters& parameters) { return parameters[0].as<Set>(); }

Value list_append(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("list.append()", "self, object, /", arguments);
  List& list = list_of(parameters);
  if (list.elements.size() >= interpreter.limits.text)
    raise(ErrorKind::MemoryError, "the list becomes too long");
  list.elements.push_back(parameters[1]);
  return Value::none();
}
Value list_extend(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("list.extend()", "self, iterable, /", arguments);
  for (Value& element : elements_of(interpreter, parameters[1]))
    list_of(parameters).elements.push_back(std::move(element));
  return Value::none();
}
Value list_insert(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("insert", "self, index, object, /", arguments);
  auto& elements = list_of(parameters).elements;
  const auto size = static_cast<std::int64_t>(elements.size());
  const std::int64_t index = parameters.integer(1);
  const std::int64_t at = std::clamp<std::int64_t>(index < 0 ? index + size : index, 0, size);
  elements.insert(elements.begin() + at, parameters[2]);
  return Value::none();
}
Value list_pop(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("pop", "self, index=, /", arguments);
  auto& elements = list_of(parameters).elements;
  const auto size = static_cast<std::int64_t>(elements.size());
  if (size == 0) raise(ErrorKind::IndexError, "pop from empty list");
  const std::int64_t index = parameters.integer(1, -1);
  const std::int64_t at = index < 0 ? index + size : index;
  if (at < 0 || at >= size) raise(ErrorKind::IndexError, "pop index out of range");
  Value popped = std::move(elements[static_cast<std::size_t>(at)]);
  elements.erase(elements.begin() + at);
  return popped;
}
Value list_reverse(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("reverse", "self, /", arguments);
  std::reverse(list_of(parameters).elements.begin(), list_of(parameters).elements.end());
  return Value::none();
}
Value list_clear(Interpreter&, const Arguments& arguments) {
  list_of(Parameters("clear", "self, /", arguments)).elements.clear();
  return Value::none();
}
Value list_copy(Interpreter& interpreter, const Arguments& arguments) {
  return make<List>(interpreter.heap, list_of(Parameters("copy", "self, /", arguments)).elements);
}

const std::vector<Value>& elements_in(const Value& sequence) {
  return sequence.is(Kind::list) ? sequence.as<List>().elements : sequence.as<Tuple>().elements;
}

std::optional<std::size_t> found_at(Interpreter& interpreter, const Value& sequence,
                                    const Value& wanted) {
  const std::vector<Value> elements = elements_in(sequence);
  for (std::size_t i = 0; i < elements.size(); ++i)
    if (equal(interpreter, elements[i], wanted)) return i;
  return std::nullopt;
}
Value sequence_index(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("index", "self, value, /", arguments);
  if (const auto at = found_at(interpreter, parameters[0], parameters[1]))
    return Value::integer(static_cast<std::int64_t>(*at));
  if (parameters[0].is(Kind::tuple)) value_error("tuple.index(x): x not in tuple");
  value_error("{} is not in list", repr(interpreter, parameters[1]));
}
Value sequence_count(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("count", "self, value, /", arguments);
  std::int64_t count = 0;
  for (const Value& element : std::vector<Value>(elements_in(parameters[0])))
    count += equal(interpreter, element, parameters[1]);
  return Value::integer(count);
}
Value list_remove(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("remove", "self, value, /", arguments);
  const auto at = found_at(interpreter, parameters[0], parameters[1]);
  if (!at) value_error("list.remove(x): x not in list");
  auto& elements = list_of(parameters).elements;
  elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(*at));
  return Value::none();
}
Value tuple_numel(Interpreter&, const Arguments& arguments) {
  std::int64_t product = 1;
  for (const Value& size : elements_in(arguments[0])) product *= size.as_integer();
  return Value::integer(product);
}

/// keys(), values(), items(): lists, which suffices where nobody changes the dictionary meanwhile.
template <char what>
Value dict_view(Interpreter& interpreter, const Arguments& arguments) {
  auto list = make<List>(interpreter.heap);
  for (const auto& entry : dict_of(Parameters("items", "self, /", arguments)).table.entries()) {
    if (!entry.key.is_set()) continue;
    if (what == 'i')
      list->elements.push_back(make<Tuple>(std::vector{entry.key, entry.value}));
    else
      list->elements.push_back(what == 'k' ? entry.key : entry.value);
  }
  return list;
}
Value dict_get(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("get", "self, key, default=, /", arguments);
  if (const Value* found = find_item(interpreter, dict_of(parameters), parameters[1]))
    return *found;
  return parameters.has(2) ? parameters[2] : Value::none();
}
Value dict_setdefault(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("setdefault", "self, key, default=, /", arguments);
  if (const Value* found = find_item(interpreter, dict_of(parameters), parameters[1]))
    return *found;
  Value value = parameters.has(2) ? parameters[2] : Value::none();
  set_item(interpreter, dict_of(parameters), parameters[1], value);
  return value;
}
Value dict_pop(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("pop", "self, key, default=, /", arguments);
  if (const Value* found = find_item(interpreter, dict_of(parameters), parameters[1])) {
    Value value = *found;
    remove_item(interpreter, dict_of(parameters), parameters[1]);
    return value;
  }
  if (parameters.has(2)) return parameters[2];
  Raised raised(ErrorKind::KeyError, "");
  raised.argument = parameters[1];
  throw raised;
}
Value dict_update(Interpreter& interpreter, const Arguments& arguments) {
  Value self = arguments[0];
  if (arguments.positional() > 1) {
    const Value other = call(interpreter, interpreter.type("dict", Kind::dict), {arguments[1]});
    for (const auto& entry : other.as<Dict>().table.entries())
      if (entry.key.is_set()) set_item(interpreter, self.as<Dict>(), entry.key, entry.value);
  }
  for (std::size_t k = 0; k < arguments.keywords; ++k)
    self.as<Dict>().set(arguments.names[k].as<Text>(), arguments.named(k));
  return Value::none();
}
Value dict_popitem(Interpreter&, const Arguments& arguments) {
  auto& table = dict_of(Parameters("popitem", "self, /", arguments)).table;
  auto& entries = table.entries();
  for (std::size_t i = entries.size(); i-- > 0;) {
    if (!entries[i].key.is_set()) continue;
    Value item = make<Tuple>(std::vector{entries[i].key, entries[i].value});
    table.remove(entries[i]);
    return item;
  }
  Raised raised(ErrorKind::KeyError, "");
  raised.argument = Value::string("popitem(): dictionary is empty");
  throw raised;
}
Value dict_fromkeys(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("fromkeys", "type, iterable, value=, /", arguments);
  const Value made = call(interpreter, parameters[0], {});
  for (const Value& key : elements_of(interpreter, parameters[1]))
    set_item(interpreter, made, key, parameters.has(2) ? parameters[2] : Value::none());
  return made;
}
Value dict_clear(Interpreter&, const Arguments& arguments) {
  dict_of(Parameters("clear", "self, /", arguments)).table.clear();
  return Value::none();
}
Value dict_copy(Interpreter& interpreter, const Arguments& arguments) {
  auto copy = make<Dict>(interpreter.heap);
  copy->default_factory = dict_of(Parameters("copy", "self, /", arguments)).default_factory;
  copy->table = dict_of(Parameters("copy", "self, /", arguments)).table;
  return copy;
}

Value set_add(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("set.add()", "self, element, /", arguments);
  add_to_set(interpreter, set_of(parameters), parameters[1]);
  return Value::none();
}
template <bool must_exist>
Value set_remove(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("remove", "self, element, /", arguments);
  auto& table = set_of(parameters).table;
  if (auto* entry = find_entry(interpreter, table, parameters[1])) {
    table.remove(*entry);
  } else if (must_exist) {
    Raised raised(ErrorKind::KeyError, "");
    raised.argument = parameters[1];
    throw raised;
  }
  return Value::none();
}
Value set_pop(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("pop", "self, /", arguments);
  auto& table = set_of(parameters).table;
  for (auto& entry : table.entries()) {
    if (!entry.key.is_set()) continue;
    Value popped = entry.key;
    table.remove(entry);
    return popped;
  }
  Raised raised(ErrorKind::KeyError, "");
  raised.argument = Value::string("pop from an empty set");
  throw raised;
}
Value set_clear(Interpreter&, const Arguments& arguments) {
  set_of(Parameters("clear", "self, /", arguments)).table.clear();
  return Value::none();
}
Value set_copy(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("copy", "self, /", arguments);
  const Set& set = set_of(parameters);
  auto copy = make<Set>(interpreter.heap, set.frozen);
  copy->table = set.table;
  return copy;
}
Value made_set(Interpreter& interpreter, const Value& iterable) {
  if (iterable.is(Kind::set)) return iterable;
  return call(interpreter, interpreter.type("set", Kind::set), {iterable});
}
Value set_isdisjoint(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("isdisjoint", "self, other, /", arguments);
  const Value common = binary(interpreter, ast::BinaryOperator::BitAnd, parameters[0],
                              made_set(interpreter, parameters[1]));
  return Value::boolean(common.as<Set>().table.size() == 0);
}
template <ast::ComparisonOperator op>
Value set_compare(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("issubset", "self, other, /", arguments);
  return compare(interpreter, op, parameters[0], made_set(interpreter, parameters[1]));
}
/// difference_update() and the like: the set becomes what the operator gives.
template <ast::BinaryOperator op>
Value set_become(Interpreter& interpreter, const Arguments& arguments) {
  const Value self = arguments[0];
  for (std::size_t i = 1; i < arguments.positional(); ++i) {
    const Value result = binary(interpreter, op, self, made_set(interpreter, arguments[i]));
    self.as<Set>().table = result.as<Set>().table;
  }
  return Value::none();
}
template <ast::BinaryOperator op>
Value set_combine(Interpreter& interpreter, const Arguments& arguments) {
  Value result = arguments[0];
  for (std::size_t i = 1; i < arguments.positional(); ++i)
    result = binary(interpreter, op, result,
                    call(interpreter, interpreter.type("set", Kind::set), {arguments[i]}));
  return result;
}
Value set_update(Interpreter& interpreter, const Arguments& arguments) {
  for (std::size_t i = 1; i < arguments.positional(); ++i)
    for (const Value& element : elements_of(interpreter, arguments[i]))
      add_to_set(interpreter, arguments[0].as<Set>(), element);
  return Value::none();
}

constexpr NativeRow list_rows[] = {
    {"append", list_append},   {"clear", list_clear},   {"copy", list_copy},
    {"count", sequence_count}, {"extend", list_extend}, {"index", sequence_index},
    {"insert", list_insert},   {"pop", list_pop},       {"remove", list_remove},
    {"reverse", list_reverse}, {"sort", list_sort}};
constexpr NativeRow tuple_rows[] = {
    {"count", sequence_count}, {"index", sequence_index}, {"numel", tuple_numel}};
constexpr NativeRow dict_rows[] = {{"clear", dict_clear},     {"copy", dict_copy},
                                   {"get", dict_get},         {"popitem", dict_popitem},
                                   {"items", dict_view<'i'>}, {"keys", dict_view<'k'>},
                                   {"pop", dict_pop},         {"setdefault", dict_setdefault},
                                   {"update", dict_update},   {"values", dict_view<'v'>}};
constexpr NativeRow set_rows[] = {
    {"add", set_add},
    {"discard", set_remove<false>},
    {"remove", set_remove<true>},
    {"update", set_update},
    {"union", set_combine<ast::BinaryOperator::BitOr>},
    {"intersection", set_combine<ast::BinaryOperator::BitAnd>},
    {"difference", set_combine<ast::BinaryOperator::Sub>},
    {"clear", set_clear},
    {"copy", set_copy},
    {"pop", set_pop},
    {"isdisjoint", set_isdisjoint},
    {"issubset", set_compare<ast::ComparisonOperator::LtE>},
    {"issuperset", set_compare<ast::ComparisonOperator::GtE>},
    {"symmetric_difference", set_combine<ast::BinaryOperator::BitXor>},
    {"difference_update", set_become<ast::BinaryOperator::Sub>},
    {"intersection_update", set_become<ast::BinaryOperator::BitAnd>},
    {"symmetric_difference_update", set_become<ast::BinaryOperator::BitXor>}};

}  // namespace

void add_list_methods(Class& type) { add_methods(type, list_rows); }
void add_tuple_methods(Class& type) { add_methods(type, tuple_rows); }
void add_dict_methods(Class& type) {
  add_methods(type, dict_rows);
  type.attributes->set(
      "fromkeys",
      Value(new MethodWrapper(Kind::class_method, make<Builtin>("fromkeys", dict_fromkeys))));
}
void add_set_methods(Class& type) { add_methods(type, set_rows); }

}  // namespace gradient_check::python
