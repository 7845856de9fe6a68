#include "gradient_check/python/runtime/class_call.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "gradient_check/python/runtime/attribute.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/evaluate.h"
#include "gradient_check/python/runtime/execute.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/iterator.h"
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
    else if (!value.is(Kind::opaque) && !value.is(Kind::tuple))  // typing's and abc's forms
      type_error("a class can only derive from classes, not from '{}'", type_name(value));
  }
  if (bases.empty()) bases.push_back(frame.interpreter.object_class);
  return bases;
}

/// Whether classes are made by it as they are without it: type, abc.ABCMeta and the like.
bool is_plain_metaclass(const Value& metaclass) {
  if (metaclass.is(Kind::opaque)) return true;
  const Class* type = metaclass.get_if<Class>();
  if (!type || std::none_of(type->order.begin(), type->order.end(),
                            [](const Class* in) { return in->instances == Kind::klass; }))
    return false;
  for (const char* name : {"__new__", "__init__", "__call__", "__prepare__"})
    if (const Value* found = type->find(Text(name)); found && found->is(Kind::function))
      return false;
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

/// What library/abc.py and library/enum.py do with every class of theirs.
void note_made(Interpreter& interpreter, Class& type) {
  static const Text made_name("__class_made__");
  if (const Value* made = type.find(made_name); made && made->is(Kind::function))
    call(interpreter, *made, {Value(Ref<Class>(&type))});
}

[[noreturn]] void refuse_abstract(Interpreter& interpreter, Class& type) {
  std::vector<std::string> names;
  if (const Value* left = type.find(Text("__abstractmethods__")))
    for (const Value& name : elements_of(interpreter, *left)) names.push_back(text_of(name));
  std::sort(names.begin(), names.end());
  type_error("Can't instantiate abstract class {} with abstract method{} {}", type.name,
             names.size() == 1 ? "" : "s", fmt::join(names, ", "));
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
    return note_made(interpreter, type);
  }
  note_made(interpreter, type);
  if (!keywords.names.empty())
    type_error("{}.__init_subclass__() takes no keyword arguments", type.name);
}

Value new_instance(Interpreter& interpreter, Class& type, const Arguments& arguments) {
  if (type.is_abstract) refuse_abstract(interpreter, type);
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
  Value metaclass;
  for (const auto& keyword : definition.keywords)
    if (keyword.arg && *keyword.arg == "metaclass") {
      metaclass = evaluate(frame, *keyword.value);
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
  static const Text made_name("__class_made__");
  if (const Class* given = metaclass.get_if<Class>())
    if (const Value* made = given->find(made_name)) type->attributes->set("__class_made__", *made);
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
