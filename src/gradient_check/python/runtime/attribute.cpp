#include "gradient_check/python/runtime/attribute.h"

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/exception_attributes.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/operators.h"
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
      if (!found.as<Property>().getter.is_set())
        raise_text(ErrorKind::AttributeError, "property has no getter");
      return call(interpreter, found.as<Property>().getter, {self});
    case Kind::instance:
      if (const Value made =
              call_special(interpreter, found, "__get__", {self, interpreter.class_of(self)});
          made.is_set())
        return made;
      return found;
    case Kind::static_method:
      return found.as<MethodWrapper>().function;
    case Kind::class_method:
      return make<BoundMethod>(interpreter.heap, interpreter.class_of(self),
                               found.as<MethodWrapper>().function);
    default:
      return found;
  }
}

/// Whether a class's attribute comes before an instance's own: a property, or an object with
/// __set__ or __delete__.
bool is_data_descriptor(const Value& found) {
  if (found.is(Kind::property)) return true;
  const Instance* instance = found.get_if<Instance>();
  static const Text set_name("__set__"), delete_name("__delete__");
  return instance && (instance->of->find(set_name) || instance->of->find(delete_name));
}

/// What an instance of that class, with these attributes, has without its __getattr__.
Value plain_attribute(Interpreter& interpreter, const Value& self, const Class& type,
                      Dict& attributes, const Text& name) {
  const Value* in_class = type.find(name);
  if (in_class && is_data_descriptor(*in_class)) return bound(interpreter, *in_class, self);
  if (const Value* own = attributes.find(name)) return *own;
  if (in_class) return bound(interpreter, *in_class, self);
  if (!name.text.starts_with("__")) {
    if (type.error) return exception_attribute(interpreter, self, name);
    return {};
  }
  if (name.text == "__dict__") return Value(Ref<Dict>(&attributes));
  if (name.text == "__class__") return interpreter.class_of(self);
  if (type.error) {
    const Value found = exception_attribute(interpreter, self, name);
    if (found.is_set()) return found;
  }
  const Value* inherited = interpreter.object_methods->find(name);
  return inherited ? bound(interpreter, *inherited, self) : Value();
}

Value instance_attribute(Interpreter& interpreter, const Value& self, const Class& type,
                         Dict& attributes, const Text& name) {
  Value found;
  if (!type.has_getattribute) {
    found = plain_attribute(interpreter, self, type, attributes, name);
  } else {
    try {
      found = call_special(interpreter, self, "__getattribute__", {Value::string(name.text)});
    } catch (const Raised& raised) {
      static const Text getattr_name("__getattr__");
      if (raised.kind != ErrorKind::AttributeError || !type.find(getattr_name)) throw;
    }
  }
  if (found.is_set()) return found;
  static const Text getattr_name("__getattr__");
  if (!type.find(getattr_name)) return {};
  return call_special(interpreter, self, "__getattr__", {Value::string(name.text)});
}

Value class_attribute(Interpreter& interpreter, Class& type, const Text& name) {
  if (const Value* found = type.find(name)) {
    if (found->is(Kind::static_method)) return found->as<MethodWrapper>().function;
    if (found->is(Kind::class_method))
      return make<BoundMethod>(interpreter.heap, Value(Ref<Class>(&type)),
                               found->as<MethodWrapper>().function);
    if (found->is(Kind::instance)) {
      const Value made =
          call_special(interpreter, *found, "__get__", {Value::none(), Value(Ref<Class>(&type))});
      if (made.is_set()) return made;
    }
    return *found;
  }
  if (name.text == "__name__") return Value::string(type.name.substr(type.name.rfind('.') + 1));
  if (name.text == "__qualname__")
    return Value::string(
        type.qualified_name.substr(type.qualified_name.rfind("numpy.") == 0 ? 6 : 0));
  if (name.text == "__doc__") return Value::none();
  if (name.text == "__module__") return Value::string("builtins");
  if (name.text == "__dict__") return type.attributes;
  if (name.text == "__bases__" || name.text == "__mro__") {
    std::vector<Value> classes;
    if (name.text == "__mro__")
      for (Class* in : type.order) classes.push_back(Value(in));
    else
      for (const auto& base : type.bases) classes.push_back(base);
    return make<Tuple>(std::move(classes));
  }
  const Value* inherited = interpreter.object_methods->find(name);
  return inherited ? *inherited : Value();
}

/// What super() finds in a class behind, for its self.
Value bound_to_super(Interpreter& interpreter, const Value& found, const Value& self,
                     const Text& name) {
  if (name.text == "__new__")
    return found.is(Kind::static_method) ? found.as<MethodWrapper>().function : found;
  if (!self.is(Kind::klass)) return bound(interpreter, found, self);
  if (found.is(Kind::class_method))
    return make<BoundMethod>(interpreter.heap, self, found.as<MethodWrapper>().function);
  return found.is(Kind::static_method) ? found.as<MethodWrapper>().function : found;
}

Value super_attribute(Interpreter& interpreter, const Super& super, const Text& name) {
  const Class& start =
      super.self.is(Kind::klass) ? super.self.as<Class>() : *interpreter.class_of(super.self);
  bool behind = false;
  for (const Class* in : start.order) {
    if (behind)
      if (const Value* found = in->attributes->find(name))
        return bound_to_super(interpreter, *found, super.self, name);
    if (in == super.after.get()) behind = true;
  }
  const Value* inherited = interpreter.object_methods->find(name);
  if (!inherited) return {};
  if (name.text == "__new__") return *inherited;
  return make<BoundMethod>(interpreter.heap, super.self, *inherited);
}

/// def f(a, b=1, *, c=2): the defaults of a and b, or with `by_name` that of c.
Value function_defaults(Interpreter& interpreter, const Function& function, bool by_name) {
  std::vector<Value> values;
  auto named = make<Dict>(interpreter.heap);
  for (std::size_t i = 0; i < function.defaults.size(); ++i) {
    if (!function.defaults[i].is_set()) continue;
    const ast::Parameter& parameter = (*function.scope.parameters)[i];
    if (parameter.kind == ast::ParameterKind::keyword_only)
      named->set(parameter.name, function.defaults[i]);
    else
      values.push_back(function.defaults[i]);
  }
  if (by_name) return named->table.size() ? Value(named) : Value::none();
  return values.empty() ? Value::none() : Value(make<Tuple>(std::move(values)));
}

Value function_attribute(Interpreter& interpreter, Function& function, const Text& name) {
  if (function.attributes)
    if (const Value* found = function.attributes->find(name)) return *found;
  if (!name.text.starts_with("__")) return {};
  if (name.text == "__dict__") {
    if (!function.attributes) function.attributes = make<Dict>(interpreter.heap);
    return function.attributes;
  }
  if (name.text == "__name__") return Value::string(function.name);
  if (name.text == "__qualname__") return Value::string(function.scope.qualified_name);
  if (name.text == "__doc__")
    return function.scope.body ? docstring(*function.code, *function.scope.body) : Value::none();
  if (name.text == "__module__") return Value::string(function.code->module->name);
  if (name.text == "__defaults__") return function_defaults(interpreter, function, false);
  if (name.text == "__kwdefaults__") return function_defaults(interpreter, function, true);
  return {};
}

Value field(const Tuple& tuple, const Text& name) {
  if (tuple.fields)
    for (std::size_t i = 0; i < tuple.fields->names.size(); ++i)
      if (tuple.fields->names[i] == name.text) return tuple.elements[i];
  return {};
}

Value property_attribute(const Property& property, const Text& name) {
  const auto part = [](const Value& value) { return value.is_set() ? value : Value::none(); };
  if (name.text == "fget") return part(property.getter);
  if (name.text == "fset") return part(property.setter);
  if (name.text == "fdel") return part(property.deleter);
  if (name.text != "__doc__") return {};
  const Function* getter = property.getter.get_if<Function>();
  return getter && getter->scope.body ? docstring(*getter->code, *getter->scope.body)
                                      : Value::none();
}

Value slice_attribute(const Slice& slice, const Text& name) {
  if (name.text == "start") return slice.lower;
  if (name.text == "stop") return slice.upper;
  return name.text == "step" ? slice.step : Value();
}
Value range_attribute(const Range& range, const Text& name) {
  if (name.text == "start") return Value::integer(range.start);
  if (name.text == "stop") return Value::integer(range.stop);
  return name.text == "step" ? Value::integer(range.step) : Value();
}

Value own_attribute(Interpreter& interpreter, const Value& object, const Text& name) {
  switch (object.kind()) {
    case Kind::instance: {
      const Instance& instance = object.as<Instance>();
      return instance_attribute(interpreter, object, *instance.of, *instance.attributes, name);
    }
    case Kind::klass:
      return class_attribute(interpreter, object.as<Class>(), name);
    case Kind::module:
      return object.as<Module>().get(interpreter, name.text);
    case Kind::super:
      return super_attribute(interpreter, object.as<Super>(), name);
    case Kind::function:
      return function_attribute(interpreter, object.as<Function>(), name);
    case Kind::builtin:
      if (name.text == "__doc__") return Value::none();
      return name.text == "__name__" || name.text == "__qualname__"
                 ? Value::string(object.as<Builtin>().name)
                 : Value();
    case Kind::property:
      return property_attribute(object.as<Property>(), name);
    case Kind::static_method:
    case Kind::class_method:
      if (name.text == "__func__" || name.text == "__wrapped__")
        return object.as<MethodWrapper>().function;
      return own_attribute(interpreter, object.as<MethodWrapper>().function, name);
    case Kind::slice:
      return slice_attribute(object.as<Slice>(), name);
    case Kind::range:
      return range_attribute(object.as<Range>(), name);
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
  if (OwnClass* own = own_class(object))
    return instance_attribute(interpreter, object, *own->of, *own->attributes, name);
  Value found = own_attribute(interpreter, object, name);
  if (found.is_set()) return found;
  if (name.text == "__class__") return interpreter.class_of(object);
  if (object.is(Kind::instance) || object.is(Kind::tensor)) return {};
  const Value* in_class = find_in_class(interpreter, object, name);
  if (!in_class && !object.is(Kind::module) && !object.is(Kind::opaque))
    in_class = interpreter.object_methods->find(name);
  return in_class ? bound(interpreter, *in_class, object) : Value();
}

Value get_attribute(Interpreter& interpreter, const Value& object, const Text& name) {
  Value found = find_attribute(interpreter, object, name);
  if (!found.is_set()) raise_no_attribute(object, name);
  return found;
}

Value get_plain_attribute(Interpreter& interpreter, const Value& object, const Text& name) {
  Dict* attributes = attributes_of(object);
  Value found = attributes ? plain_attribute(interpreter, object, *interpreter.class_of(object),
                                             *attributes, name)
                           : find_attribute(interpreter, object, name);
  if (!found.is_set()) raise_no_attribute(object, name);
  return found;
}

void set_plain_attribute(Interpreter& interpreter, const Value& object, const Text& name,
                         Value value) {
  Dict* attributes = attributes_of(object);
  if (!attributes) return set_attribute(interpreter, object, name, std::move(value));
  const Ref<Class> type = interpreter.class_of(object);
  const Value* in_class = type->find(name);
  if (!in_class || !is_data_descriptor(*in_class)) {
    if (name.text == "__class__")
      raise(ErrorKind::NotImplementedError, "assigning to __class__ is not supported");
    return attributes->set(name, std::move(value));
  }
  if (in_class->is(Kind::instance)) {
    if (!call_special(interpreter, *in_class, "__set__", {object, value}).is_set())
      raise_text(ErrorKind::AttributeError, "__set__");
    return;
  }
  const Value setter = in_class->as<Property>().setter;
  if (!setter.is_set())
    raise(ErrorKind::AttributeError, "property '{}' of '{}' object has no setter", name.text,
          type->name);
  call(interpreter, setter, {object, value});
}

void delete_plain_attribute(Interpreter& interpreter, const Value& object, const Text& name) {
  Dict* attributes = attributes_of(object);
  const Ref<Class> type = interpreter.class_of(object);
  const Value* in_class = attributes ? type->find(name) : nullptr;
  if (in_class && in_class->is(Kind::property)) {
    const Value deleter = in_class->as<Property>().deleter;
    if (!deleter.is_set())
      raise(ErrorKind::AttributeError, "property '{}' of '{}' object has no deleter", name.text,
            type->name);
    call(interpreter, deleter, {object});
    return;
  }
  if (in_class && is_data_descriptor(*in_class)) {
    if (!call_special(interpreter, *in_class, "__delete__", {object}).is_set())
      raise_text(ErrorKind::AttributeError, "__delete__");
    return;
  }
  bool removed = attributes && attributes->remove(name);
  if (Class* of = object.get_if<Class>()) removed = of->attributes->remove(name);
  if (Function* function = object.get_if<Function>())
    removed = function->attributes && function->attributes->remove(name);
  if (!removed) raise_no_attribute(object, name);
}

void set_attribute(Interpreter& interpreter, const Value& object, const Text& name, Value value) {
  if (attributes_of(object)) {
    static const Text setattr_name("__setattr__");
    if (!find_in_class(interpreter, object, setattr_name))
      return set_plain_attribute(interpreter, object, name, std::move(value));
    call_special(interpreter, object, "__setattr__", {Value::string(name.text), value});
    return;
  }
  if (Class* type = object.get_if<Class>()) {
    if (type->construct)
      type_error("cannot set '{}' attribute of immutable type '{}'", name.text, type->name);
    if (name.text == "__abstractmethods__") type->is_abstract = truth(interpreter, value);
    return type->attributes->set(name, std::move(value));
  }
  if (Function* function = object.get_if<Function>()) {
    if (!function->attributes) function->attributes = make<Dict>(interpreter.heap);
    if (name.text == "__name__" && value.is(Kind::string)) function->name = text_of(value);
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

void delete_attribute(Interpreter& interpreter, const Value& object, const Text& name) {
  static const Text delattr_name("__delattr__");
  if (!attributes_of(object) || !find_in_class(interpreter, object, delattr_name))
    return delete_plain_attribute(interpreter, object, name);
  call_special(interpreter, object, "__delattr__", {Value::string(name.text)});
}

}  // namespace gradient_check::python
