#pragma once

#include <initializer_list>

#include "gradient_check/python/runtime/arguments.h"
#include "gradient_check/python/runtime/klass.h"

namespace gradient_check::python {

/// What a value of a class that derives from list, dict, set, tuple or str has besides.
struct OwnClass {
  Ref<Class> of;
  Ref<Dict> attributes;
};

/// Such a value: everything built in takes it for a T.
template <typename T>
struct Derived : T {
  template <typename... Arguments>
  Derived(Interpreter& interpreter, Class& type, Arguments&&... arguments);
  void surrender(Condemned& condemned) override {
    T::surrender(condemned);
    own.attributes->table.surrender(condemned);
  }
  OwnClass* own_class() override { return &own; }
  OwnClass own;
};

/// The class and attributes of such a value; null for all others.
inline OwnClass* own_class(const Value& value) {
  return value.is_object() && value.as_object()->is_derived ? value.as_object()->own_class()
                                                            : nullptr;
}

/// The attributes of an instance or of such a value; null for values without.
Dict* attributes_of(const Value& value);

/// A new value of a class that derives from a built-in type, before __init__. Raises
/// NotImplementedError where that type cannot be derived from.
Value make_derived(Interpreter& interpreter, Class& type, const Arguments& arguments);

/// Calls a special method that a program wrote for such a value; unset if there is none.
Value own_special(Interpreter& interpreter, const Value& self, const char* method,
                  std::initializer_list<Value> arguments = {});

}  // namespace gradient_check::python
