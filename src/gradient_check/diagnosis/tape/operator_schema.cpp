#include "gradient_check/diagnosis/tape/operator_schema.h"

#include <ATen/core/dispatch/Dispatcher.h>

namespace gradient_check {

const c10::FunctionSchema* schema_of(const Operation& operation) {
  const auto handle =
      c10::Dispatcher::singleton().findSchema({operation.operator_name, operation.overload});
  return handle ? &handle->schema() : nullptr;
}

c10::IValue argument_of(const Operation& operation, const std::string& name) {
  const c10::FunctionSchema* schema = schema_of(operation);
  if (!schema) return {};
  for (std::size_t i = 0; i < schema->arguments().size() && i < operation.arguments.size(); ++i)
    if (schema->arguments()[i].name() == name) return operation.arguments[i];
  return {};
}

}  // namespace gradient_check
