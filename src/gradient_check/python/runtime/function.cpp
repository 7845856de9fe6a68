#include "gradient_check/python/runtime/function.h"

namespace gradient_check::python {

void Function::surrender(Condemned& condemned) {
  for (auto* values : {&defaults, &closure})
    for (Value& value : *values) value.surrender(condemned);
}

}  // namespace gradient_check::python
