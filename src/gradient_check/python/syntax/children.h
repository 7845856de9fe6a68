#pragma once

#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gradient_check/python/syntax/tree.h"

/// Walks over what a node is made of, without naming its form.
namespace gradient_check::python::ast {

namespace children_detail {

template <typename T>
concept HasFields = requires(T& value) {
  T::fields(value);
};

template <typename T>
constexpr bool is_child = std::is_same_v<T, ExpressionPtr> || std::is_same_v<T, StatementPtr> ||
                          std::is_same_v<T, PatternPtr>;

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};

template <typename Part, typename Visit>
void visit_part(Part& part, Visit& visit) {
  using T = std::remove_const_t<Part>;
  if constexpr (is_child<T>) {
    if (part) visit(part);
  } else if constexpr (IsVector<T>::value) {
    for (auto& element : part) visit_part(element, visit);
  } else if constexpr (HasFields<T>) {
    std::apply([&](auto&... fields) { (visit_part(fields, visit), ...); }, T::fields(part));
  }
}

}  // namespace children_detail

/// Calls visit(const ExpressionPtr&), (const StatementPtr&), (const PatternPtr&) for each child
/// that is there, in the order of writing. What is no pointer (a Keyword, a Parameter, …) is looked
/// through. `node` is an Expression, Statement or Pattern, or one of the structs within; of one
/// that is not const the pointers may be changed.
template <typename NodeType, typename Visit>
void for_each_child(NodeType& node, Visit&& visit) {
  if constexpr (requires { node.form; }) {
    std::visit([&](auto& form) { children_detail::visit_part(form, visit); }, node.form);
  } else {
    children_detail::visit_part(node, visit);
  }
}

/// Calls visit(node) for the node and everything below it, parents first.
template <typename NodePtr, typename Visit>
void for_each_node(const NodePtr& node, Visit&& visit) {
  visit(node);
  for_each_child(*node, [&](const auto& child) { for_each_node(child, visit); });
}

/// True if two trees say the same, whatever their spans and ids.
bool same_structure(const ExpressionPtr& a, const ExpressionPtr& b);
bool same_structure(const StatementPtr& a, const StatementPtr& b);
bool same_structure(const Module& a, const Module& b);

}  // namespace gradient_check::python::ast
