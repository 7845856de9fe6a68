#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "gradient_check/python/syntax/expression.h"

/// The patterns of `case`, named as in Python's `ast`.
namespace gradient_check::python::ast {

struct MatchValue {
  ExpressionPtr value;
  static auto fields(auto& self) { return std::tie(self.value); }
};
/// True, False, or (without value) None.
struct MatchSingleton {
  std::optional<bool> value;
  static auto fields(auto& self) { return std::tie(self.value); }
};
struct MatchSequence {
  std::vector<PatternPtr> patterns;
  static auto fields(auto& self) { return std::tie(self.patterns); }
};
struct MatchMappingItem {
  ExpressionPtr key;
  PatternPtr pattern;
  static auto fields(auto& self) { return std::tie(self.key, self.pattern); }
};
struct MatchMapping {
  std::vector<MatchMappingItem> items;
  std::optional<std::string> rest;
  static auto fields(auto& self) { return std::tie(self.items, self.rest); }
};
struct MatchKeyword {
  std::string attr;
  PatternPtr pattern;
  static auto fields(auto& self) { return std::tie(self.attr, self.pattern); }
};
struct MatchClass {
  ExpressionPtr cls;
  std::vector<PatternPtr> patterns;
  std::vector<MatchKeyword> keywords;
  static auto fields(auto& self) { return std::tie(self.cls, self.patterns, self.keywords); }
};
struct MatchStar {
  std::optional<std::string> name;
  static auto fields(auto& self) { return std::tie(self.name); }
};
/// `pattern as name`; a name alone; with neither, `_`.
struct MatchAs {
  PatternPtr pattern;
  std::optional<std::string> name;
  static auto fields(auto& self) { return std::tie(self.pattern, self.name); }
};
struct MatchOr {
  std::vector<PatternPtr> patterns;
  static auto fields(auto& self) { return std::tie(self.patterns); }
};

using PatternForm = std::variant<MatchValue, MatchSingleton, MatchSequence, MatchMapping,
                                 MatchClass, MatchStar, MatchAs, MatchOr>;

struct Pattern : Node {
  std::uint16_t height = 1;
  PatternForm form;

  template <typename Form>
  const Form* as() const {
    return std::get_if<Form>(&form);
  }
};

}  // namespace gradient_check::python::ast
