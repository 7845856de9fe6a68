#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "gradient_check/python/source/source_text.h"
#include "gradient_check/python/syntax/expression.h"
#include "gradient_check/python/syntax/pattern.h"
#include "gradient_check/python/syntax/statement.h"

namespace gradient_check::python::ast {

/// How deep brackets may stand in each other, and blocks; CPython's own limits.
constexpr int most_brackets = 200, most_blocks = 100;
/// How high a tree may be. A sum of many terms leans to the left, one level a term. Whatever walks
/// a tree recurses at most this deep.
constexpr int most_height = 1000;
/// How many nodes a module may have.
constexpr NodeId most_nodes = 4'000'000;

/// A parsed program. Cheap to copy: trees share their nodes, which never change.
struct Module {
  std::shared_ptr<const SourceText> source;
  std::vector<StatementPtr> body;
  NodeId node_count = 0;  ///< ids of the nodes below are smaller
  /// True after a `print` statement, a sign that `/` was meant as Python 2 has it.
  bool has_print_statement = false;
};

}  // namespace gradient_check::python::ast
