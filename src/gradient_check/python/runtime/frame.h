#pragma once

#include "gradient_check/python/runtime/code.h"
#include "gradient_check/python/runtime/dict.h"

namespace gradient_check::python {

class Interpreter;
struct Raised;

/// A body that is running.
struct Frame {
  Interpreter& interpreter;
  const Code& code;
  const Scope& scope;
  Value* slots;
  Frame* caller = nullptr;
  Dict* names = nullptr;                  ///< of a class body
  const ast::Node* at = nullptr;          ///< what is being evaluated, for tracebacks
  const Raised* handled = nullptr;        ///< the exception of the `except` block that is running
  const ast::Node* handled_at = nullptr;  ///< what raised it in this frame
  int missing_modules_caught = 0;         ///< how many `try` around what runs catch ImportError
};

}  // namespace gradient_check::python
