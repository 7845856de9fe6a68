#include "gradient_check/python/runtime/interpreter.h"

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/derived.h"
#include "gradient_check/python/runtime/execute.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/opaque.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_call.h"

namespace gradient_check::python {
namespace {

/// The name of the class of built-in values.
const char* kind_name(Kind kind) {
  constexpr const char* names[] = {"unset",       "NoneType",
                                   "ellipsis",    "NotImplementedType",
                                   "bool",        "int",
                                   "float",       "dtype",
                                   "Tensor",      "complex",
                                   "str",         "bytes",
                                   "list",        "tuple",
                                   "dict",        "set",
                                   "slice",       "range",
                                   "iterator",    "cell",
                                   "function",    "builtin_function_or_method",
                                   "method",      "type",
                                   "object",      "module",
                                   "property",    "staticmethod",
                                   "classmethod", "super",
                                   "object"};
  return names[static_cast<int>(kind)];
}

}  // namespace

Interpreter::Interpreter(Limits its_limits, WidenedTypes its_widened)
    : limits(its_limits), widened(its_widened) {
  object_methods = make<Dict>(heap);
  object_class = make<Class>(heap, "object", std::vector<Ref<Class>>{});
  for (int i = 0; i < error_count; ++i) {
    const auto kind = static_cast<ErrorKind>(i);
    const Ref<Class> base = i == 0 ? object_class : errors[static_cast<int>(error_base(kind))];
    errors[i] = make<Class>(heap, error_name(kind), std::vector{base});
    errors[i]->error = kind;
  }
  tensors = make_tensor_state();
  builtins = make_builtins(*this);
}

Interpreter::~Interpreter() { frame = nullptr; }

std::shared_ptr<const Code> Interpreter::prepare(const ast::Module& tree, Module& module) {
  return std::make_shared<const Code>(tree, module);
}

void Interpreter::run(const Code& code) {
  const Scope& scope = *code.scopes.module;
  std::vector<Value> slots(scope.variables.size());
  for (const std::uint32_t cell : scope.cells) slots[cell] = make<Cell>(heap);
  Frame body{*this, code, scope, slots.data()};
  const FrameGuard guard(*this, body);
  try {
    Value unused;
    execute(body, *scope.body, unused);
  } catch (Raised& raised) {
    note_place(raised, body);
    throw;
  } catch (LimitReached& limit) {
    note_place(limit, body);
    throw;
  }
}

Ref<Module> Interpreter::import_module(const std::string& name) {
  if (const auto known = modules_.find(name); known != modules_.end()) return known->second;
  Ref<Module> made = make_module(*this, name);
  if (made) modules_.emplace(name, made);
  return made;
}

Ref<Module> Interpreter::library_module(const std::string& name) {
  Ref<Module>& known = modules_[name];
  if (!known) known = make<Module>(heap, name);
  return known;
}

Ref<Class> Interpreter::class_of(const Value& value) {
  if (const Instance* instance = value.get_if<Instance>()) return instance->of;
  if (const OwnClass* own = own_class(value)) return own->of;
  if (value.is(Kind::opaque)) return type(value.as<Opaque>().type_name(), Kind::opaque);
  if (value.is(Kind::iterator)) return type(value.as<Iterator>().type_name(), Kind::iterator);
  Ref<Class>& known = kinds_[static_cast<int>(value.kind())];
  if (!known) known = type(kind_name(value.kind()), value.kind());
  return known;
}

Ref<Class> Interpreter::type(const std::string& name, Kind kind) {
  Ref<Class>& known = types[name];
  if (!known) known = make_type(*this, name, kind);
  return known;
}

Value Interpreter::exception_of(const Raised& raised) {
  if (raised.instance.is_set()) return raised.instance;
  auto instance = make<Instance>(heap, errors[static_cast<int>(raised.kind)]);
  std::vector<Value> arguments;
  if (raised.argument.is_set())
    arguments.push_back(raised.argument);
  else if (!raised.message.empty())
    arguments.push_back(Value::string(raised.message));
  instance->attributes->set("args", make<Tuple>(std::move(arguments)));
  return instance;
}

std::string type_name(const Value& value) {
  if (const Instance* instance = value.get_if<Instance>()) return instance->of->name;
  if (const OwnClass* own = own_class(value)) return own->of->name;
  if (value.is(Kind::opaque)) return value.as<Opaque>().type_name();
  if (value.is(Kind::iterator)) return value.as<Iterator>().type_name();
  if (const Tuple* tuple = value.get_if<Tuple>(); tuple && tuple->fields)
    return tuple->fields->type_name.substr(tuple->fields->type_name.rfind('.') + 1);
  if (const Set* set = value.get_if<Set>(); set && set->frozen) return "frozenset";
  return kind_name(value.kind());
}

}  // namespace gradient_check::python
