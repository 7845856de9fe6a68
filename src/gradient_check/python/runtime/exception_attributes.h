#pragma once

#include "gradient_check/python/runtime/value.h"

namespace gradient_check::python {

class Interpreter;
struct Frame;
struct Raised;
struct Text;

/// What every exception has besides args: __cause__, __context__, StopIteration's value and the
/// like, where the program has not set them. Unset for other names.
Value exception_attribute(Interpreter& interpreter, const Value& exception, const Text& name);

/// raise exception from cause
void set_cause(Interpreter& interpreter, const Value& exception, const Value& cause);

/// Notes that the exception was raised while `handled` was being handled: its __context__.
void set_context(const Value& exception, const Value& handled);

/// The same for an exception that leaves the frame: what the frame or one around it handles.
void note_context(Frame& frame, Raised& raised);

}  // namespace gradient_check::python
