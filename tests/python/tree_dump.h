#pragma once

#include <string>

#include "gradient_check/python/syntax/tree.h"

namespace gradient_check::python {

/// A tree as one line: (Form line:column-line:column field…), lines from 1 and columns in bytes
/// from 0 as CPython counts them. conformance_test.py writes the same of Python's own trees.
std::string dump(const ast::Module& module, bool with_positions);

}  // namespace gradient_check::python
