#pragma once

#include <initializer_list>

#include "gradient_check/python/runtime/arguments.h"
#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/function.h"

namespace gradient_check::python {

/// Calls any callable value.
Value call(Interpreter& interpreter, const Value& callee, const Arguments& arguments);
Value call(Interpreter& interpreter, const Value& callee, std::initializer_list<Value> arguments);
/// The same with `first` before the arguments: a method's self.
Value call_with_first(Interpreter& interpreter, const Value& callee, const Value& first,
                      const Arguments& arguments);

/// Calls what a value's class has by that name; unset if it has none.
Value call_special(Interpreter& interpreter, const Value& self, const char* method,
                   std::initializer_list<Value> arguments = {});

/// The value of a Call.
Value evaluate_call(Frame& frame, const ast::Expression& expression, const ast::Call& call);

/// Puts arguments into the slots of the function's parameters. Raises TypeError as Python does.
void bind_arguments(Interpreter& interpreter, const Function& function, const Arguments& arguments,
                    Value* slots);
/// Fills a frame's slots for a function: parameters, closure, cells.
void enter_function(Interpreter& interpreter, const Function& function, const Arguments& arguments,
                    Value* slots);

/// While it lives, a frame is the innermost. Raises RecursionError.
class FrameGuard {
 public:
  FrameGuard(Interpreter& interpreter, Frame& frame);
  ~FrameGuard();
  FrameGuard(const FrameGuard&) = delete;
  FrameGuard& operator=(const FrameGuard&) = delete;

 private:
  Interpreter& interpreter_;
  Frame* const caller_;
};

/// Notes in the exception that it passed the frame.
template <typename Exception>
void note_place(Exception& exception, const Frame& frame) {
  if (exception.trace.size() > 64) return;
  exception.trace.push_back(
      {frame.scope.name, frame.code.tree.source, frame.at ? frame.at->span : Span()});
}

}  // namespace gradient_check::python
