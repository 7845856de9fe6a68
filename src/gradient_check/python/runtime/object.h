#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace gradient_check::python {

/// What a value is. Up to `dtype` it is held in the Value itself; tensors are counted by LibTorch;
/// the rest are Objects.
enum class Kind : std::uint8_t {
  unset,  ///< no value: a variable before its assignment, an argument not given
  none,
  ellipsis,
  not_implemented,
  boolean,
  integer,
  real,
  dtype,
  tensor,
  complex,
  string,
  bytes,
  list,
  tuple,
  dict,
  set,
  slice,
  range,
  iterator,
  cell,
  function,
  builtin,
  bound_method,
  klass,
  instance,
  module,
  property,
  static_method,
  class_method,
  super,
  opaque  ///< what a module makes of its own: see Opaque
};

struct Object;
struct OwnClass;
/// Objects that nothing refers to any more, waiting to be deleted.
using Condemned = std::vector<Object*>;

/// What a Value refers to, with the count of its references. One thread at a time uses an object.
struct Object {
  explicit Object(Kind of) : kind(of) {}
  virtual ~Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  /// Gives up the Values inside by Value::surrender, so that destroying a long chain of objects
  /// does not recurse.
  virtual void surrender(Condemned&) {}

  /// Of a value whose class a program derived from a built-in type; else null. See derived.h.
  virtual OwnClass* own_class() { return nullptr; }

  std::uint32_t references = 0;
  const Kind kind;
  bool is_derived = false;  ///< whether it has an own_class
};

/// Deletes an object without references, and what only it referred to.
void destroy(Object* object) noexcept;

/// A counted pointer to an object of known type.
template <typename T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  explicit Ref(T* object) : object_(object) { retain(); }
  Ref(const Ref& other) : object_(other.object_) { retain(); }
  Ref(Ref&& other) noexcept : object_(other.object_) { other.object_ = nullptr; }
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ && --object_->references == 0) destroy(object_);
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  void retain() {
    if (object_) ++object_->references;
  }
  T* object_ = nullptr;
};

template <typename T, typename... Arguments>
Ref<T> make(Arguments&&... arguments) {
  return Ref<T>(new T(std::forward<Arguments>(arguments)...));
}

}  // namespace gradient_check::python
