#include "gradient_check/python/syntax/children.h"

#include <type_traits>

namespace gradient_check::python::ast {
namespace {

template <typename T>
bool same_part(const T& a, const T& b) {
  if constexpr (children_detail::is_child<T>) {
    if (!a || !b) return !a && !b;
    if (a == b) return true;
    if (a->form.index() != b->form.index()) return false;
    return std::visit(
        [&](const auto& form) {
          return same_part(form, std::get<std::decay_t<decltype(form)>>(b->form));
        },
        a->form);
  } else if constexpr (children_detail::IsVector<T>::value) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!same_part(a[i], b[i])) return false;
    return true;
  } else if constexpr (children_detail::HasFields<const T>) {
    const auto compare = [&]<std::size_t... i>(std::index_sequence<i...>) {
      [[maybe_unused]] const auto left = T::fields(a);
      [[maybe_unused]] const auto right = T::fields(b);
      return (same_part(std::get<i>(left), std::get<i>(right)) && ...);
    };
    return compare(std::make_index_sequence<std::tuple_size_v<decltype(T::fields(a))>>{});
  } else {
    return a == b;
  }
}

}  // namespace

bool same_structure(const ExpressionPtr& a, const ExpressionPtr& b) { return same_part(a, b); }
bool same_structure(const StatementPtr& a, const StatementPtr& b) { return same_part(a, b); }
bool same_structure(const Module& a, const Module& b) { return same_part(a.body, b.body); }

}  // namespace gradient_check::python::ast
