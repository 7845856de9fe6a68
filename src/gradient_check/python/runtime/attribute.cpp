#include "gradient_check/python/runtime/attribute.h"

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

/// What a class's attribute becomes when it is read through `self`.
Value bound(Interpreter& interpreter, const Value& found, const Value& self) {
  switch (found.kind()) {
    case Kind::function:
    case Kind::builtin:
      return make<BoundMethod>(interpreter.heap, self, found);
    case Kind::property:
      return call(interpreter, found.as<Property>().getter, {self});
    case Kind::static_method:
      return found.as<MethodWrapper>().function;
    case Kind::class_method:
      return make<BoundMethod>(interpreter.heap, interpreter.class_of(self),
                               found.as<MethodWrapper>().function);
    default:
      return found;
  }
}

Value instance_attribute(Interpreter& interpreter, const Value& self, const Text& name) {
  const Instance& instance = self.as<Instance>();
  const Value* in_class = instance.of->find(name);
  if (in_class && in_class->is(Kind::property)) return bound(interpreter, *in_class, self);
  if (const Value* own = instance.attributes->find(name)) return *own;
  if (in_class) return bound(interpreter, *in_class, self);
  if (name.text == "__dict__") return instance.attributes;
  return call_special(interpreter, self, "__getattr__", {Value(const_cast<Text*>(&name))});
}

Value class_attribute(Interpreter& interpreter, Class& type, const Text& name) {
  if (const Value* found = type.find(name)) {
    if (found->is(Kind::static_method)) return found->as<MethodWrapper>().function;
    if (found->is(Kind::class_method))
      return make<BoundMethod>(interpreter.heap, Value(Ref<Class>(&type)),
                               found->as<MethodWrapper>().function);
    return *found;
  }
  if (name.text == "__name__" || name.text == "__qualname__")
    return Value::string(type.name.substr(type.name.rfind('.') + 1));
  if (name.text == "__dict__") return type.attributes;
  if (name.text == "__bases__" || name.text == "__mro__") {
    std::vector<Value> classes;
    if (name.text == "__mro__")
      for (Class* in : type.order) classes.push_back(Value(in));
    else
      for (const auto& base : type.bases) classes.push_back(base);
    return make<Tuple>(std::move(classes));
  }
  return {};
}

Value super_attribute(Interpreter& interpreter, const Super& super, const Text& name) {
  const Class& start =
      super.self.is(Kind::klass) ? super.self.as<Class>() : *interpreter.class_of(super.self);
  bool behind = false;
  for (const Class* in : start.order) {
    if (behind)
      if (const Value* found = in->attributes->find(name)) {
        if (super.self.is(Kind::klass) && found->is(Kind::class_method))
          return make<BoundMethod>(interpreter.heap, super.self,
                                   found->as<MethodWrapper>().function);
        return bound(interpreter, *found, super.self);
      }
    if (in == super.after.get()) behind = true;
  }
  return {};
}

Value function_attribute(const Function& function, const Text& name) {
  if (function.attributes)
    if (const Value* found = function.attributes->find(name)) return *found;
  if (name.text == "__name__") return Value::string(function.name);
  if (name.text == "__qualname__") return Value::string(function.scope.qualified_name);
  if (name.text == "__doc__") return Value::none();
  return {};
}

Value field(const Tuple& tuple, const Text& name) {
  if (tuple.fields)
    for (std::size_t i = 0; i < tuple.fields->names.size(); ++i)
      if (tuple.fields->names[i] == name.text) return tuple.elements[i];
  return {};
}

Value own_attribute(Interpreter& interpreter, const Value& object, const Text& name) {
  switch (object.kind()) {
    case Kind::instance:
      return instance_attribute(interpreter, object, name);
    case Kind::klass:
      return class_attribute(interpreter, object.as<Class>(), name);
    case Kind::module:
      return object.as<Module>().get(interpreter, name.text);
    case Kind::super:
      return super_attribute(interpreter, object.as<Super>(), name);
    case Kind::function:
      return function_attribute(object.as<Function>(), name);
    case Kind::builtin:
      return name.text == "__name__" ? Value::string(object.as<Builtin>().name) : Value();
    case Kind::bound_method: {
      const auto& method = object.as<BoundMethod>();
      if (name.text == "__self__") return method.self;
      if (name.text == "__func__") return method.function;
      return own_attribute(interpreter, method.function, name);
    }
    case Kind::tensor:
      return tensor_attribute(interpreter, object, name);
    case Kind::opaque:
      return object.as<Opaque>().attribute(interpreter, name);
    case Kind::tuple:
      return field(object.as<Tuple>(), name);
    default:
      return {};
  }
}

[[noreturn]] void raise_no_attribute(const Value& object, const Text& name) {
  if (const Class* type = object.get_if<Class>())
    raise(ErrorKind::AttributeError, "type object '{}' has no attribute '{}'", type->name,
          name.text);
  if (const Module* module = object.get_if<Module>())
    raise(ErrorKind::AttributeError, "module '{}' has no attribute '{}'", module->name, name.text);
  raise(ErrorKind::AttributeError, "'{}' object has no attribute '{}'", type_name(object),
        name.text);
}

}  // namespace

const Value* find_in_class(Interpreter& interpreter, const Value& object, const Text& name) {
  if (const Instance* instance = object.get_if<Instance>()) return instance->of->find(name);
  return interpreter.class_of(object)->find(name);
}

Value find_attribute(Interpreter& interpreter, const Value& object, const Text& name) {
  Value found = own_attribute(interpreter, object, name);
  if (found.is_set()) return found;
  if (name.text == "__class__") return interpreter.class_of(object);
  if (object.is(Kind::instance) || object.is(Kind::klass) || object.is(Kind::tensor)) return {};
  const Value* in_class = find_in_class(interpreter, object, name);
  return in_class ? bound(interpreter, *in_class, object) : Value();
}

Value get_attribute(Interpreter& interpreter, const Value& object, const Text& name) {
  Value found = find_attribute(interpreter, object, name);
  if (!found.is_set()) raise_no_attribute(object, name);
  return found;
}

void set_attribute(Interpreter& interpreter, const Value& object, const Text& name, Value value) {
  if (Instance* instance = object.get_if<Instance>()) {
    const Value* in_class = instance->of->find(name);
    if (in_class && in_class->is(Kind::property)) {
      const Value& setter = in_class->as<Property>().setter;
      if (!setter.is_set())
        raise(ErrorKind::AttributeError, "property '{}' of '{}' object has no setter", name.text,
              instance->of->name);
      call(interpreter, setter, {object, value});
      return;
    }
    if (instance->of->find(Text("__setattr__"))) {
      call_special(interpreter, object, "__setattr__", {Value(const_cast<Text*>(&name)), value});
      return;
    }
    return instance->attributes->set(name, std::move(value));
  }
  if (Class* type = object.get_if<Class>()) {
    if (type->construct)
      type_error("cannot set '{}' attribute of immutable type '{}'", name.text, type->name);
    return type->attributes->set(name, std::move(value));
  }
  if (Function* function = object.get_if<Function>()) {
    if (!function->attributes) function->attributes = make<Dict>(interpreter.heap);
    return function->attributes->set(name, std::move(value));
  }
  if (Opaque* opaque = object.get_if<Opaque>())
    if (opaque->set_attribute(interpreter, name, value)) return;
  if (object.is(Kind::tensor))
    return set_tensor_attribute(interpreter, object, name, std::move(value));
  if (Module* module = object.get_if<Module>(); module && !module->loader)
    return module->set(name.text, std::move(value));
  raise(ErrorKind::AttributeError, "'{}' object has no attribute '{}'", type_name(object),
        name.text);
}

void delete_attribute(Interpreter&, const Value& object, const Text& name) {
  bool removed = false;
  if (Instance* instance = object.get_if<Instance>()) removed = instance->attributes->remove(name);
  if (Class* type = object.get_if<Class>()) removed = type->attributes->remove(name);
  if (!removed) raise_no_attribute(object, name);
}

}  // namespace gradient_check::python
