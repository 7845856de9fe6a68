#pragma once

#include <cstdint>
#include <memory>

#include "gradient_check/python/source/span.h"

namespace gradient_check::python::ast {

/// Numbers the nodes of a module densely from 0, so that an evaluator's side tables are vectors.
using NodeId = std::uint32_t;
constexpr NodeId no_id = 0xffffffff;

/// Where a node comes from, which tells whether its span's characters are its text.
enum class Origin : std::uint8_t {
  source,  ///< parsed: the span's characters are its text
  edited,  ///< a copy of a parsed node with something below it replaced; the span is the original's
  made     ///< new; the span, if any, is that of what it stands in for
};

/// What every node has.
struct Node {
  NodeId id = no_id;
  Span span;  ///< its characters; positions agree with CPython's lineno and col_offset
  Origin origin = Origin::made;
};

struct Expression;
struct Statement;
struct Pattern;
using ExpressionPtr = std::shared_ptr<const Expression>;
using StatementPtr = std::shared_ptr<const Statement>;
using PatternPtr = std::shared_ptr<const Pattern>;

}  // namespace gradient_check::python::ast
