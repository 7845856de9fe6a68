#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gradient_check/python/runtime/dict.h"
#include "gradient_check/python/runtime/function.h"
#include "gradient_check/python/runtime/raised.h"

namespace gradient_check::python {

/// A class: the program's own, an exception's, or the type of built-in values (int, Tensor).
struct Class : Tracked {
  static constexpr Kind object_kind = Kind::klass;
  Class(Heap& heap, std::string its_name, std::vector<Ref<Class>> its_bases);
  void surrender(Condemned& condemned) override;

  /// What a class or one it derives from has under that name, or null.
  const Value* find(const Text& name) const;
  bool derives_from(const Class& other) const;

  const std::string name;
  std::string qualified_name;
  std::vector<Ref<Class>> bases;
  std::vector<Class*> order;  ///< the method resolution order, this class first
  Ref<Dict> attributes;
  NativeFunction construct = nullptr;  ///< of built-in types: called as the class is called
  std::optional<ErrorKind> error;      ///< of exceptions: the nearest of Python's own
  std::optional<Kind> instances;       ///< of built-in types: the kind of their values
  bool is_abstract = false;            ///< whether it has methods that are yet to be written
  bool has_getattribute = false;       ///< whether a program wrote __getattribute__ for it
};

struct Instance : Tracked {
  static constexpr Kind object_kind = Kind::instance;
  Instance(Heap& heap, Ref<Class> its_class)
      : Tracked(heap, object_kind), of(std::move(its_class)), attributes(make<Dict>(heap)) {}
  void surrender(Condemned& condemned) override { attributes->table.surrender(condemned); }
  Ref<Class> of;
  Ref<Dict> attributes;
};

struct Property : Object {
  static constexpr Kind object_kind = Kind::property;
  explicit Property(Value read, Value write = {}, Value remove = {})
      : Object(object_kind),
        getter(std::move(read)),
        setter(std::move(write)),
        deleter(std::move(remove)) {}
  Value getter, setter, deleter;  ///< unset where there is none
};

/// staticmethod or classmethod around a function.
struct MethodWrapper : Object {
  MethodWrapper(Kind kind, Value wrapped) : Object(kind), function(std::move(wrapped)) {}
  Value function;
};

/// What super() gives: attributes of `self` looked up behind `after`.
struct Super : Object {
  static constexpr Kind object_kind = Kind::super;
  Super(Ref<Class> behind, Value of)
      : Object(object_kind), after(std::move(behind)), self(std::move(of)) {}
  Ref<Class> after;
  Value self;
};

}  // namespace gradient_check::python
