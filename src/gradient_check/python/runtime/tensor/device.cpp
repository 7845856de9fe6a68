#include "gradient_check/python/runtime/tensor/device.h"

#include "gradient_check/python/runtime/text.h"

namespace gradient_check::python {

Value DeviceValue::attribute(Interpreter&, const Text& attribute) {
  if (attribute.text == "type") return Value::string(name);
  if (attribute.text == "index") return Value::none();
  return {};
}

bool DeviceValue::equals(const Value& other) const {
  const auto* opaque = other.get_if<Opaque>();
  const auto* device = dynamic_cast<const DeviceValue*>(opaque);
  return device && device->name == name;
}

std::optional<c10::Device> to_device(const Value& value) {
  const bool is_device =
      value.is(Kind::opaque) && dynamic_cast<const DeviceValue*>(&value.as<Opaque>());
  if (!is_device && !value.is(Kind::string)) return std::nullopt;
  return c10::Device(c10::DeviceType::CPU);
}

}  // namespace gradient_check::python
