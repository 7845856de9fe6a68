#include "gradient_check/python/runtime/value.h"

#include <c10/core/TensorImpl.h>
#include <c10/core/UndefinedTensorImpl.h>
#include <c10/util/intrusive_ptr.h>

#include "gradient_check/python/runtime/text.h"

namespace gradient_check::python {

void destroy(Object* object) noexcept {
  Condemned condemned;
  while (true) {
    object->surrender(condemned);
    delete object;
    if (condemned.empty()) return;
    object = condemned.back();
    condemned.pop_back();
  }
}

void Value::surrender(Condemned& condemned) noexcept {
  if (kind_ > Kind::tensor) {
    if (--bits_.object->references == 0) condemned.push_back(bits_.object);
  } else if (kind_ == Kind::tensor) {
    release_tensor();
  }
  kind_ = Kind::unset;
}

Value Value::string(std::string text) { return make<Text>(std::move(text)); }

Value Value::tensor(c10::TensorImpl* tensor) {
  if (!tensor || tensor == c10::UndefinedTensorImpl::singleton()) return none();
  Value value(Kind::tensor, 0);
  value.bits_.tensor = tensor;
  value.retain_tensor();
  return value;
}

void Value::retain_tensor() const noexcept { c10::raw::intrusive_ptr::incref(bits_.tensor); }
void Value::release_tensor() noexcept { c10::raw::intrusive_ptr::decref(bits_.tensor); }

const std::string& text_of(const Value& value) { return value.as<Text>().text; }

}  // namespace gradient_check::python
