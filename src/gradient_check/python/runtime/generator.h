#pragma once

#include "gradient_check/python/runtime/arguments.h"
#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/function.h"
#include "gradient_check/python/runtime/iterator.h"

namespace gradient_check::python {

/// What calling a generator function gives.
Value make_generator(Interpreter& interpreter, const Function& function,
                     const Arguments& arguments);
/// (element for target in first …), whose first iterable is evaluated already.
Value make_generator_expression(Frame& frame, const ast::Expression& node, Ref<Iterator> first);

/// generator.send(value); false at the end.
bool send(Interpreter& interpreter, Iterator& generator, Value sent, Value& element);
/// generator.throw(exception), an instance; false at the end.
bool throw_into(Interpreter& interpreter, Iterator& generator, const Value& exception,
                Value& element);
/// generator.close()
void close(Interpreter& interpreter, Iterator& generator);

}  // namespace gradient_check::python
