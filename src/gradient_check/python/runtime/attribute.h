#pragma once

#include "gradient_check/python/runtime/value.h"

namespace gradient_check::python {

class Interpreter;
struct Text;

/// object.name. Raises AttributeError.
Value get_attribute(Interpreter& interpreter, const Value& object, const Text& name);
/// The same, but unset where there is none.
Value find_attribute(Interpreter& interpreter, const Value& object, const Text& name);
void set_attribute(Interpreter& interpreter, const Value& object, const Text& name, Value value);
void delete_attribute(Interpreter& interpreter, const Value& object, const Text& name);

/// The same without what the program wrote: object.__getattribute__, __setattr__, __delattr__.
Value get_plain_attribute(Interpreter& interpreter, const Value& object, const Text& name);
void set_plain_attribute(Interpreter& interpreter, const Value& object, const Text& name,
                         Value value);
void delete_plain_attribute(Interpreter& interpreter, const Value& object, const Text& name);

/// What a class has for its values under that name, a method or descriptor as it was written, found
/// without looking at the value's own attributes; null if nothing.
const Value* find_in_class(Interpreter& interpreter, const Value& object, const Text& name);

}  // namespace gradient_check::python
