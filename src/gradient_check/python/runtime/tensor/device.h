#pragma once

#include <c10/core/Device.h>

#include <optional>

#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {

/// A torch.device. Programs run on the CPU: every device of the program stands for it.
struct DeviceValue : Opaque {
  explicit DeviceValue(std::string its_name) : name(std::move(its_name)) {}
  const char* type_name() const override { return "torch.device"; }
  std::string repr() const override { return "device(type='" + name + "')"; }
  std::string str() const override { return name; }
  Value attribute(Interpreter&, const Text& attribute) override;
  bool equals(const Value& other) const override;
  const std::string name;
};

/// A device, or its name; nothing for other values.
std::optional<c10::Device> to_device(const Value& value);

}  // namespace gradient_check::python
