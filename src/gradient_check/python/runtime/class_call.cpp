#include "gradient_check/python/runtime/class_call.h"

#include "gradient_check/python/runtime/call.h"
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

}  // namespace

Value call_class(Interpreter& interpreter, Class& type, const Arguments& arguments) {
  for (const Class* in : type.order)
    if (in->construct) return in->construct(interpreter, arguments);
  static const Text new_name("__new__"), init_name("__init__");
  Value self;
  if (const Value* constructor = type.find(new_name)) {
    const Value function = constructor->is(Kind::static_method)
                               ? constructor->as<MethodWrapper>().function
                               : *constructor;
    self = call_with_first(interpreter, function, Value(Ref<Class>(&type)), arguments);
    if (!self.is(Kind::instance)) return self;
  } else {
    self = make<Instance>(interpreter.heap, Ref<Class>(&type));
  }
  if (type.error) set_exception_arguments(self.as<Instance>(), arguments);
  if (const Value* init = type.find(init_name)) {
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
      if (!metaclass.is(Kind::opaque))  // abc.ABCMeta changes nothing here
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
  const FrameGuard guard(interpreter, body);
  try {
    Value unused;
    execute(body, *scope.body, unused);
  } catch (Raised& raised) {
    note_place(raised, body);
    throw;
  }
  if (slots[scope.class_cell].is(Kind::cell)) slots[scope.class_cell].as<Cell>().value = type;
  return type;
}

}  // namespace gradient_check::python
