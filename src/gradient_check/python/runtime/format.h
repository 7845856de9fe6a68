#pragma once

#include <string>

#include "gradient_check/python/runtime/value.h"

namespace gradient_check::python {

class Interpreter;

std::string str(Interpreter& interpreter, const Value& value);
std::string repr(Interpreter& interpreter, const Value& value);
/// What object.__repr__ and __str__ make of a value whose class has others.
std::string plain_repr(Interpreter& interpreter, const Value& value);
std::string plain_str(Interpreter& interpreter, const Value& value);
/// The repr of a float: the fewest digits that read back the same.
std::string float_repr(double number);
/// The repr of a str.
std::string quoted(const std::string& text);

/// format(value, spec), as in f"{value:spec}".
std::string format_value(Interpreter& interpreter, const Value& value, const std::string& spec);
/// "… %s" % values
std::string percent_format(Interpreter& interpreter, const std::string& format,
                           const Value& values);

}  // namespace gradient_check::python
