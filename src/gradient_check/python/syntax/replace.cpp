#include "gradient_check/python/syntax/replace.h"

#include <algorithm>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "gradient_check/python/syntax/children.h"

namespace gradient_check::python::ast {
namespace {

template <typename Ptr>
using NodeOf = std::remove_const_t<typename Ptr::element_type>;

template <typename NodeType>
std::uint16_t height_above_children(const NodeType& node) {
  int below = 0;
  for_each_child(node, [&](const auto& child) { below = std::max<int>(below, child->height); });
  if (below >= most_height) throw std::length_error("an edit makes the tree too high");
  return static_cast<std::uint16_t>(below + 1);
}

/// Numbers a new subtree and gives its nodes the place of what they replace.
class Placement {
 public:
  Placement(NodeId next_id, Span span) : next_id_(next_id), span_(span) {}

  NodeId next_id() const { return next_id_; }

  /// The root stands at `span` in the text, also if it is a node that stood elsewhere.
  template <typename Ptr>
  Ptr root(const Ptr& node) {
    auto copy = std::make_shared<NodeOf<Ptr>>(*placed(node));
    copy->origin = Origin::made;
    if constexpr (std::is_same_v<Ptr, ExpressionPtr>) {
      copy->outer = span_;
    } else {
      copy->span = span_;
    }
    return copy;
  }

 private:
  template <typename Ptr>
  Ptr placed(const Ptr& node) {
    if (node->id != no_id) return node;
    auto copy = std::make_shared<NodeOf<Ptr>>(*node);
    for_each_child(*copy, [this](auto& child) { child = placed(child); });
    copy->id = next_id_++;
    if (copy->span.empty()) copy->span = span_;
    if constexpr (std::is_same_v<Ptr, ExpressionPtr>)
      if (copy->outer.empty()) copy->outer = copy->span;
    copy->height = height_above_children(*copy);
    return copy;
  }

  NodeId next_id_;
  Span span_;
};

/// The nodes from `node` down to the one of that id, or none.
template <typename WantedPtr, typename Ptr>
bool find_path(const Ptr& node, NodeId id, std::vector<const Node*>& path) {
  path.push_back(node.get());
  if (std::is_same_v<Ptr, WantedPtr> && node->id == id) return true;
  bool found = false;
  for_each_child(*node, [&](const auto& child) {
    if (!found) found = find_path<WantedPtr>(child, id, path);
  });
  if (!found) path.pop_back();
  return found;
}

/// Copies what is on a path, and puts the replacement at its end.
template <typename WantedPtr>
class Replacer {
 public:
  Replacer(const std::vector<const Node*>& path, const WantedPtr& replacement, NodeId next_id)
      : path_(path), replacement_(replacement), next_id_(next_id) {}

  NodeId next_id() const { return next_id_; }

  template <typename Ptr>
  void visit(Ptr& node, std::size_t depth) {
    if (node.get() != path_[depth]) return;
    if (depth + 1 == path_.size()) {
      if constexpr (std::is_same_v<Ptr, WantedPtr>) put(node);
      return;
    }
    auto copy = std::make_shared<NodeOf<Ptr>>(*node);
    for_each_child(*copy, [this, depth](auto& child) { visit(child, depth + 1); });
    if (copy->origin == Origin::source) copy->origin = Origin::edited;
    copy->height = height_above_children(*copy);
    node = std::move(copy);
  }

 private:
  void put(WantedPtr& node) {
    Span span = node->span;
    if constexpr (std::is_same_v<WantedPtr, ExpressionPtr>) span = node->outer;
    Placement placement(next_id_, span);
    node = placement.root(replacement_);
    next_id_ = placement.next_id();
  }

  const std::vector<const Node*>& path_;
  const WantedPtr& replacement_;
  NodeId next_id_;
};

template <typename WantedPtr>
Module replaced(const Module& module, NodeId old, const WantedPtr& replacement) {
  for (std::size_t i = 0; i < module.body.size(); ++i) {
    std::vector<const Node*> path;
    if (!find_path<WantedPtr>(module.body[i], old, path)) continue;
    Replacer<WantedPtr> replacer(path, replacement, module.node_count);
    Module result = module;
    replacer.visit(result.body[i], 0);
    result.node_count = replacer.next_id();
    return result;
  }
  throw std::out_of_range("no such node to replace");
}

template <typename WantedPtr, typename Ptr>
WantedPtr found(const Ptr& node, NodeId id) {
  if constexpr (std::is_same_v<Ptr, WantedPtr>)
    if (node->id == id) return node;
  WantedPtr result;
  for_each_child(*node, [&](const auto& child) {
    if (!result) result = found<WantedPtr>(child, id);
  });
  return result;
}

template <typename WantedPtr>
WantedPtr found_in(const Module& module, NodeId id) {
  for (const StatementPtr& statement : module.body)
    if (WantedPtr result = found<WantedPtr>(statement, id)) return result;
  return nullptr;
}

template <typename NodeType, typename Form>
std::shared_ptr<const NodeType> made_node(Form&& form) {
  auto node = std::make_shared<NodeType>();
  node->form = std::forward<Form>(form);
  node->height = height_above_children(*node);
  return node;
}

}  // namespace

ExpressionPtr make_expression(ExpressionForm form) {
  return made_node<Expression>(std::move(form));
}
StatementPtr make_statement(StatementForm form) { return made_node<Statement>(std::move(form)); }

Module replace(const Module& module, NodeId old, const ExpressionPtr& replacement) {
  return replaced(module, old, replacement);
}

Module replace(const Module& module, NodeId old, const StatementPtr& replacement) {
  return replaced(module, old, replacement);
}

ExpressionPtr find_expression(const Module& module, NodeId id) {
  return found_in<ExpressionPtr>(module, id);
}

StatementPtr find_statement(const Module& module, NodeId id) {
  return found_in<StatementPtr>(module, id);
}

ExpressionPtr fresh_copy(const ExpressionPtr& expression) {
  const auto copied = [](const auto& self, const auto& node) -> std::decay_t<decltype(node)> {
    auto copy = std::make_shared<NodeOf<std::decay_t<decltype(node)>>>(*node);
    for_each_child(*copy, [&](auto& child) { child = self(self, child); });
    copy->id = no_id;
    return copy;
  };
  return copied(copied, expression);
}

}  // namespace gradient_check::python::ast
