#pragma once

#include <c10/core/MemoryFormat.h>

#include "gradient_check/python/runtime/opaque.h"

namespace gradient_check::python {

/// torch.contiguous_format and its like.
struct MemoryFormatValue : Opaque {
  MemoryFormatValue(const char* its_name, at::MemoryFormat its_format)
      : name(its_name), format(its_format) {}
  const char* type_name() const override { return "torch.memory_format"; }
  std::string repr() const override { return std::string("torch.") + name; }
  const char* const name;
  const at::MemoryFormat format;
};

}  // namespace gradient_check::python
