#include "gradient_check/python/runtime/dict.h"

#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/operators.h"

namespace gradient_check::python {

void Dict::set(const Text& name, Value value) {
  if (auto* entry = table.find(name))
    entry->value = std::move(value);
  else
    table.add(name.hash, Value(const_cast<Text*>(&name)), std::move(value));
}

void Dict::set(std::string_view name, Value value) {
  const Ref<Text> text = make<Text>(std::string(name));
  set(*text, std::move(value));
}

bool Dict::remove(const Text& name) {
  auto* entry = table.find(name);
  if (entry) table.remove(*entry);
  return entry != nullptr;
}

HashTable::Entry* find_entry(Interpreter& interpreter, HashTable& table, const Value& key) {
  if (const Text* text = key.get_if<Text>()) return table.find(*text);
  return table.find(hash_of(interpreter, key),
                    [&](const Value& other) { return equal(interpreter, other, key); });
}

const Value* find_item(Interpreter& interpreter, Dict& dict, const Value& key) {
  const auto* entry = find_entry(interpreter, dict.table, key);
  return entry ? &entry->value : nullptr;
}

void set_item(Interpreter& interpreter, Dict& dict, const Value& key, Value value) {
  if (auto* entry = find_entry(interpreter, dict.table, key))
    entry->value = std::move(value);
  else
    dict.table.add(hash_of(interpreter, key), key, std::move(value));
}

bool remove_item(Interpreter& interpreter, Dict& dict, const Value& key) {
  auto* entry = find_entry(interpreter, dict.table, key);
  if (entry) dict.table.remove(*entry);
  return entry != nullptr;
}

void add_to_set(Interpreter& interpreter, Set& set, const Value& element) {
  if (!find_entry(interpreter, set.table, element))
    set.table.add(hash_of(interpreter, element), element, Value());
}

}  // namespace gradient_check::python
