#include "gradient_check/python/modules/table.h"
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

}  // namespace

Value load_typing(Interpreter&, Module&, const std::string& name) {
  constexpr const char* names[] = {
      "Any",      "Callable",  "ClassVar",  "Dict",        "Final",         "Generic",  "Iterable",
      "Iterator", "List",      "Literal",   "Mapping",     "NamedTuple",    "NewType",  "NoReturn",
      "Optional", "Protocol",  "Sequence",  "Set",         "Tuple",         "Type",     "TypeVar",
      "Union",    "FrozenSet", "Generator", "DefaultDict", "TYPE_CHECKING", "Annotated"};
  for (const char* known : names)
    if (name == known)
      return name == "TYPE_CHECKING" ? Value::boolean(false) : Value(make<TypingForm>(name));
  return {};
}

}  // namespace gradient_check::python
