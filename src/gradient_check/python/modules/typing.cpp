#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/function.h"
#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {
namespace {

/// A form of typing: it may be indexed and derived from, and says nothing.
struct TypingForm : Opaque {
  explicit TypingForm(std::string its_name) : name(std::move(its_name)) {}
  const char* type_name() const override { return "typing form"; }
  std::string repr() const override { return "typing." + name; }
  /// TypeVar("T"), NewType("N", int).
  Value call(Interpreter&, const Arguments&) override { return Value(static_cast<Object*>(this)); }
  const std::string name;
};

/// cast(T, x) is x.
Value typing_cast(Interpreter&, const Arguments& arguments) {
  return Parameters("cast", "typ, val", arguments)[1];
}
Value typing_itself(Interpreter&, const Arguments& arguments) {
  return Parameters("overload", "func", arguments)[0];
}

}  // namespace

Value load_typing(Interpreter& interpreter, Module&, const std::string& name) {
  constexpr const char* names[] = {
      "Any",           "Callable",  "ClassVar",      "Dict",           "Final",     "Generic",
      "Iterable",      "Iterator",  "List",          "Literal",        "Mapping",   "NewType",
      "NoReturn",      "Optional",  "Protocol",      "Sequence",       "Set",       "Tuple",
      "Type",          "TypeVar",   "Union",         "FrozenSet",      "Generator", "DefaultDict",
      "TYPE_CHECKING", "Annotated", "Hashable",      "Sized",          "Text",      "TypedDict",
      "ParamSpec",     "Self",      "Concatenate",   "Collection",     "Counter",   "Deque",
      "OrderedDict",   "AnyStr",    "SupportsFloat", "MutableMapping", "Never",     "Container",
      "Reversible",    "TypeAlias", "SupportsInt",   "Awaitable",      "Coroutine"};
  if (name == "NamedTuple") return interpreter.import_module("collections")->get(interpreter, name);
  if (name == "cast") return make<Builtin>("cast", typing_cast);
  if (name == "overload" || name == "final") return make<Builtin>("overload", typing_itself);
  for (const char* known : names)
    if (name == known)
      return name == "TYPE_CHECKING" ? Value::boolean(false) : Value(make<TypingForm>(name));
  return {};
}

}  // namespace gradient_check::python
