#pragma once

#include <memory>
#include <vector>

#include "gradient_check/python/runtime/scope.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check::python {

/// What a call or operator at a node learned the last time it ran.
struct NodeCache {
  const void* key = nullptr;
  const void* found = nullptr;
  std::uint32_t slot = 0;
};

/// A module made ready to run. Belongs to one interpreter.
struct Code : std::enable_shared_from_this<Code> {
  Code(ast::Module its_tree, Module& globals);

  ast::Module tree;
  Ref<Module> module;
  ScopeTable scopes;
  bool has_text_annotations = false;  ///< from __future__ import annotations
  /// By node id: of a Constant its value, of an Attribute or Keyword its name.
  std::vector<Value> constants;
  mutable std::vector<NodeCache> caches;
};

/// The string that a body begins with, or None.
Value docstring(const Code& code, const std::vector<ast::StatementPtr>& body);

}  // namespace gradient_check::python
