#pragma once

#include <memory>
#include <vector>

#include "gradient_check/python/runtime/arguments.h"
#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/heap.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check::python {

struct Code;
struct Scope;
struct Module;

/// A variable that an inner function shares.
struct Cell : Tracked {
  static constexpr Kind object_kind = Kind::cell;
  explicit Cell(Heap& heap, Value initial = {})
      : Tracked(heap, object_kind), value(std::move(initial)) {}
  void surrender(Condemned& condemned) override { value.surrender(condemned); }
  Value value;
};

/// A def, a lambda, or (internally) a generator expression.
struct Function : Tracked {
  static constexpr Kind object_kind = Kind::function;
  Function(Heap& heap, std::shared_ptr<const Code> its_code, const Scope& its_scope)
      : Tracked(heap, object_kind), code(std::move(its_code)), scope(its_scope) {}
  void surrender(Condemned& condemned) override;

  std::shared_ptr<const Code> code;
  const Scope& scope;  ///< of `code`
  std::string name;
  std::vector<Value> defaults;  ///< as many as parameters; unset where there is none
  std::vector<Value> closure;   ///< Cells, for the scope's free slots
  Ref<Dict> attributes;         ///< or null
};

/// A function in C++, possibly with the object whose method it is.
struct Builtin : Object {
  static constexpr Kind object_kind = Kind::builtin;
  Builtin(const char* its_name, NativeFunction its_function)
      : Object(object_kind), name(its_name), function(its_function) {}
  const char* name;
  NativeFunction function;
};

struct BoundMethod : Tracked {
  static constexpr Kind object_kind = Kind::bound_method;
  BoundMethod(Heap& heap, Value of, Value its_function)
      : Tracked(heap, object_kind), self(std::move(of)), function(std::move(its_function)) {}
  void surrender(Condemned& condemned) override {
    self.surrender(condemned);
    function.surrender(condemned);
  }
  Value self, function;
};

}  // namespace gradient_check::python
