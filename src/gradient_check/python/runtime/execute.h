#pragma once

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/raised.h"

namespace gradient_check::python {

/// How a statement ended.
enum class Flow { next, broke, continued, returned };

/// Runs statements until one of them leaves the block. `result` gets a return's value.
Flow execute(Frame& frame, const std::vector<ast::StatementPtr>& statements, Value& result);
Flow execute(Frame& frame, const ast::Statement& statement, Value& result);

/// Raises the exception that `raise` with that value raises.
/// (unset cause: no `from`).
[[noreturn]] void raise_value(Interpreter& interpreter, const Value& value,
                              const Value& cause = {});
/// An exception's instance on its way up.
Raised raised_from(Interpreter& interpreter, const Value& exception);
/// Whether an `except` with that class, or tuple of classes, takes the exception.
bool catches(Interpreter& interpreter, const Value& type, const Value& exception);

/// A `with` item: enter's value; what leaves the block goes through `exit`.
Value enter_context(Interpreter& interpreter, const Value& manager);
/// True if the exception (unset: none) is swallowed.
bool exit_context(Interpreter& interpreter, const Value& manager, const Value& exception);

}  // namespace gradient_check::python
