#include "gradient_check/python/runtime/class_call.h"

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/execute.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

void set_exception_arguments(Instance& instance, const Arguments& arguments) {
  std::vector<Value> values(arguments.values, arguments.values + arguments.positional());
  instance.attributes->set("args", make<Tuple>(std::move(values)));
}

std::vector<Ref<Class>> bases_of(Frame& frame, const ast::ClassDef& definition) {
  std::vector<Ref<Class>> bases;
  for (const auto& base : definition.bases) {
    const Value value = evaluate(frame, *base);
    frame.at = base.get();
    if (Class* type = value.get_if<Class>())
      bases.emplace_back(type);
    else if (!value.is(Kind::opaque))  // typing's Generic[T], Protocol and the like
      type_error("a class can only derive from classes, not from '{}'", type_name(value));
  }
  if (bases.empty()) bases.push_back(frame.interpreter.object_class);
  return bases;
}

/// Whether classes are made by it as they are without it: type, abc.ABCMeta and the like.
bool is_plain_metaclass(const Value& metaclass) {
  if (metaclass.is(Kind::opaque)) return true;
  const Class* type = metaclass.get_if<Class>();
  if (!type || type->instances != Kind::klass) return false;
  for (const char* name : {"__new__", "__init__", "__call__", "__prepare__"})
    if (type->find(Text(name))) return false;
  return true;
}

/// Methods that belong to the class though they are written as plain functions.
void make_class_methods(Class& type) {
  for (const char* name : {"__init_subclass__", "__class_getitem__"}) {
    const Value* found = type.attributes->find(Text(name));
    if (found && found->is(Kind::function))
      type.attributes->set(name, Value(new MethodWrapper(Kind::class_method, *found)));
  }
}

}  // namespace

void finish_class(Interpreter& interpreter, Class& type, ClassKeywords& keywords) {
  const Value self{Ref<Class>(&type)};
  make_class_methods(type);
  if (type.attributes->find(Text("__getattribute__"))) type.has_getattribute = true;
  if (type.attributes->find(Text("__eq__")) && !type.attributes->find(Text("__hash__")))
    type.attributes->set("__hash__", Value::none());
  static const Text set_name("__set_name__");
  const std::vector<HashTable::Entry> entries = type.attributes->table.entries();
  for (const auto& entry : entries)
    if (entry.value.is(Kind::instance) && find_in_class(interpreter, entry.value, set_name))
      call_special(interpreter, entry.value, "__set_name__", {self, entry.key});
  for (std::size_t i = 1; i < type.order.size(); ++i) {
    const Value* hook = type.order[i]->attributes->find(Text("__init_subclass__"));
    if (!hook) continue;
    const Value function =
        hook->is(Kind::class_method) ? hook->as<MethodWrapper>().function : *hook;
    call_with_first(interpreter, function, self,
                    {keywords.values.data(), keywords.values.size(), keywords.names.data(),
                     keywords.names.size()});
    return;
  }
  if (!keywords.names.empty())
    type_error("{}.__init_subclass__() takes no keyword arguments", type.name);
}

Value new_instance(Interpreter& interpreter, Class& type, const Arguments& arguments) {
  if (type.instances && type.instances != Kind::opaque)
    return make_derived(interpreter, type, arguments);
  const auto self = make<Instance>(interpreter.heap, Ref<Class>(&type));
  if (type.error) set_exception_arguments(*self, arguments);
  return self;
}

Value call_class(Interpreter& interpreter, Class& type, const Arguments& arguments) {
  if (type.construct) return type.construct(interpreter, arguments);
  static const Text new_name("__new__"), init_name("__init__");
  Value self;
  const Value* constructor = type.find(new_name);
  if (constructor) {
    const Value function = constructor->is(Kind::static_method)
                               ? constructor->as<MethodWrapper>().function
                               : *constructor;
    self = call_with_first(interpreter, function, Value(Ref<Class>(&type)), arguments);
    if (!attributes_of(self) || !interpreter.class_of(self)->derives_from(type)) return self;
  } else {
    self = new_instance(interpreter, type, arguments);
  }
  const Value* init = type.find(init_name);
  // object.__init__ takes whatever __new__ took.
  const bool is_taken = init && init->same(*interpreter.object_class->find(init_name)) &&
                        (constructor || own_class(self));
  if (init && !is_taken) {
    const Value result = call_with_first(interpreter, *init, self, arguments);
    if (!result.is_none()) type_error("__init__() should return None, not '{}'", type_name(result));
  }
  return self;
}

Value make_class(Frame& frame, const ast::Statement& node, const ast::ClassDef& definition) {
  Interpreter& interpreter = frame.interpreter;
  for (const auto& keyword : definition.keywords)
    if (keyword.arg && *keyword.arg == "metaclass") {
      const Value metaclass = evaluate(frame, *keyword.value);
      if (!is_plain_metaclass(metaclass))
        raise_text(ErrorKind::NotImplementedError,
                   "metaclasses are not supported: leave metaclass= out");
    }
  auto type = make<Class>(interpreter.heap, definition.name, bases_of(frame, definition));
  const Scope& scope = *frame.code.scopes.of_node[node.id];
  std::vector<Value> slots(scope.variables.size());
  for (const auto& free : scope.free) slots[free.own] = frame.slots[free.outer];
  for (const std::uint32_t cell : scope.cells) slots[cell] = make<Cell>(interpreter.heap);
  Frame body{interpreter, frame.code, scope, slots.data()};
  body.names = type->attributes.get();
  type->qualified_name = scope.qualified_name;
  type->attributes->set("__module__", Value::string(frame.code.module->name));
  type->attributes->set("__doc__", docstring(frame.code, *scope.body));
  {
    const FrameGuard guard(interpreter, body);
    try {
      Value unused;
      execute(body, *scope.body, unused);
    } catch (Raised& raised) {
      note_place(raised, body);
      throw;
    }
  }
  if (slots[scope.class_cell].is(Kind::cell)) slots[scope.class_cell].as<Cell>().value = type;
  ClassKeywords keywords;
  for (const auto& keyword : definition.keywords) {
    if (!keyword.arg || *keyword.arg == "metaclass") continue;
    keywords.names.push_back(Value::string(*keyword.arg));
    keywords.values.push_back(evaluate(frame, *keyword.value));
  }
  frame.at = &node;
  finish_class(interpreter, *type, keywords);
  return type;
}

}  // namespace gradient_check::python
