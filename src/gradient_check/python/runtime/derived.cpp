#include "gradient_check/python/runtime/derived.h"

#include <algorithm>

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {

template <typename T>
template <typename... Arguments>
Derived<T>::Derived(Interpreter& interpreter, Class& type, Arguments&&... arguments)
    : T(std::forward<Arguments>(arguments)...),
      own{Ref<Class>(&type), make<Dict>(interpreter.heap)} {
  this->is_derived = true;
}

namespace {

/// The built-in type's own value for the arguments, of what cannot change after it is made.
Value plain_value(Interpreter& interpreter, const Class& type, const Arguments& arguments) {
  for (const Class* in : type.order)
    if (in->construct) return in->construct(interpreter, arguments);
  type_error("cannot create '{}' instances", type.name);
}

bool is_frozen_set(const Class& type) {
  for (const Class* in : type.order)
    if (in->name == "frozenset") return true;
  return false;
}

}  // namespace

Dict* attributes_of(const Value& value) {
  if (const Instance* instance = value.get_if<Instance>()) return instance->attributes.get();
  OwnClass* own = own_class(value);
  return own ? own->attributes.get() : nullptr;
}

Value make_derived(Interpreter& interpreter, Class& type, const Arguments& arguments) {
  // A built-in class that no program calls, such as that of functions.
  const bool can_be_made = std::any_of(type.order.begin(), type.order.end(),
                                       [](const Class* in) { return in->construct != nullptr; });
  if (!can_be_made) type_error("cannot create '{}' instances", type.name);
  switch (*type.instances) {
    case Kind::list:
      return make<Derived<List>>(interpreter, type, interpreter.heap);
    case Kind::dict:
      return make<Derived<Dict>>(interpreter, type, interpreter.heap);
    case Kind::set: {
      auto set = make<Derived<Set>>(interpreter, type, interpreter.heap, is_frozen_set(type));
      if (set->frozen) set->table = plain_value(interpreter, type, arguments).as<Set>().table;
      return set;
    }
    case Kind::tuple:
      return make<Derived<Tuple>>(interpreter, type,
                                  plain_value(interpreter, type, arguments).as<Tuple>().elements);
    case Kind::string:
      return make<Derived<Text>>(interpreter, type,
                                 text_of(plain_value(interpreter, type, arguments)));
    default:
      raise(ErrorKind::NotImplementedError,
            "classes derived from int, float and the like are not supported: hold the value in an "
            "attribute");
  }
}

Value own_special(Interpreter& interpreter, const Value& self, const char* method,
                  std::initializer_list<Value> arguments) {
  const OwnClass* own = own_class(self);
  if (!own) return {};
  const Value* found = own->of->find(Text(method));
  if (!found || found->is(Kind::builtin)) return {};
  return call_special(interpreter, self, method, arguments);
}

}  // namespace gradient_check::python
