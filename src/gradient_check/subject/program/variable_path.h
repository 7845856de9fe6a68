#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// A place that holds a value under a name that is written out: `h`, `self.w`, `params["W1"]`,
/// `net.layers[0].w`.
struct VariablePath {
  struct Attribute {
    std::string name;
    bool operator==(const Attribute&) const = default;
  };
  /// attribute, key or index
  using Step = std::variant<Attribute, std::string, std::int64_t>;

  std::string root;
  std::vector<Step> steps;

  /// As programs write it; keys in double quotes.
  std::string text() const;
  bool operator==(const VariablePath&) const = default;
};

/// The place that an expression is; nothing where it is none. A module's attribute is none.
std::optional<VariablePath> path_of(const Expr& expression);
/// The places that an expression, or a statement with its body, reads or binds, each once: the
/// longest of each chain.
std::vector<VariablePath> paths_in(const Expr& expression);
std::vector<VariablePath> paths_in(const Statement& statement);
/// The longest place that a chain of attributes, subscripts and calls begins with: `x` of
/// `x[i].t()`.
std::optional<VariablePath> beginning_of(const Expr& expression);

}  // namespace gradient_check
