#pragma once

#include <string>
#include <string_view>

#include "gradient_check/python/runtime/object.h"

namespace c10 {
struct TensorImpl;
}

namespace gradient_check::python {

/// A Python value: small ones inline, others by counted reference. Integers have 64 bits; what does
/// not fit raises OverflowError where Python would go on. A tensor is its TensorImpl, so that
/// `is` and in-place operations behave as in PyTorch.
class Value {
 public:
  Value() noexcept : kind_(Kind::unset) { bits_.integer = 0; }
  Value(const Value& other) noexcept : kind_(other.kind_), bits_(other.bits_) { retain(); }
  Value(Value&& other) noexcept : kind_(other.kind_), bits_(other.bits_) {
    other.kind_ = Kind::unset;
  }
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Value() {
    if (kind_ >= Kind::tensor) release();
  }

  template <typename T>
  Value(Ref<T> object) noexcept : Value(static_cast<Object*>(object.get())) {}
  explicit Value(Object* object) noexcept : kind_(object->kind) {
    bits_.object = object;
    ++object->references;
  }

  static Value none() { return Value(Kind::none, 0); }
  static Value ellipsis() { return Value(Kind::ellipsis, 0); }
  static Value not_implemented() { return Value(Kind::not_implemented, 0); }
  static Value boolean(bool value) { return Value(Kind::boolean, value); }
  static Value integer(std::int64_t value) { return Value(Kind::integer, value); }
  /// `scalar_type` is an at::ScalarType.
  static Value dtype(int scalar_type) { return Value(Kind::dtype, scalar_type); }
  static Value real(double value) {
    Value result(Kind::real, 0);
    result.bits_.real = value;
    return result;
  }
  static Value string(std::string text);
  /// Shares ownership of a tensor that is defined; None for one that is not. See tensor_value.h.
  static Value tensor(c10::TensorImpl* tensor);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_set() const { return kind_ != Kind::unset; }
  bool is_none() const { return kind_ == Kind::none; }
  /// int or bool
  bool is_integral() const { return kind_ == Kind::integer || kind_ == Kind::boolean; }
  bool is_number() const { return is_integral() || kind_ == Kind::real; }
  bool is_object() const { return kind_ > Kind::tensor; }

  bool as_boolean() const { return bits_.integer != 0; }
  std::int64_t as_integer() const { return bits_.integer; }  ///< of an int, bool or dtype
  double as_real() const {
    return kind_ == Kind::real ? bits_.real : static_cast<double>(bits_.integer);
  }
  c10::TensorImpl* as_tensor() const { return bits_.tensor; }
  Object* as_object() const { return bits_.object; }
  /// The object, which must be a T.
  template <typename T>
  T& as() const {
    return *static_cast<T*>(bits_.object);
  }
  /// The object if it is a T, else null.
  template <typename T>
  T* get_if() const {
    return kind_ == T::object_kind ? static_cast<T*>(bits_.object) : nullptr;
  }

  /// Python's `is`.
  bool same(const Value& other) const {
    return kind_ == other.kind_ && bits_.integer == other.bits_.integer;
  }

  /// Becomes unset; an object that this was the last reference to joins `condemned`.
  void surrender(Condemned& condemned) noexcept;

  void swap(Value& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(bits_, other.bits_);
  }

 private:
  Value(Kind kind, std::int64_t integer) noexcept : kind_(kind) { bits_.integer = integer; }
  void retain() const noexcept {
    if (kind_ > Kind::tensor)
      ++bits_.object->references;
    else if (kind_ == Kind::tensor)
      retain_tensor();
  }
  void release() noexcept {
    if (kind_ == Kind::tensor)
      release_tensor();
    else if (--bits_.object->references == 0)
      destroy(bits_.object);
  }
  void retain_tensor() const noexcept;
  void release_tensor() noexcept;

  Kind kind_;
  union {
    std::int64_t integer;
    double real;
    Object* object;
    c10::TensorImpl* tensor;
  } bits_;
};

/// The text of a str, which `value` must be.
const std::string& text_of(const Value& value);

}  // namespace gradient_check::python
