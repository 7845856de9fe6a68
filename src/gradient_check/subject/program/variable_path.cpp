#include "gradient_check/subject/program/variable_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace gradient_check {
namespace {

/// The constant that a subscript's index is; nothing if it is none.
std::optional<VariablePath::Step> constant_step(const Expr& index) {
  const std::string& text = index.text;
  if (index.is(ExprKind::string) && text.size() >= 2 && (text[0] == '"' || text[0] == '\''))
    return text.substr(1, text.size() - 2);
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  if (index.is(ExprKind::number) && std::from_chars(text.data(), end, number).ptr == end)
    return number;
  return std::nullopt;
}

/// The longest place that a chain of attributes and subscripts begins with. `whole`: set to whether
/// that is all of the chain.
std::optional<VariablePath> begun_by(const Expr& expression, bool& whole) {
  if (expression.is(ExprKind::name)) return VariablePath{expression.text, {}};
  if (expression.children.empty() || is_module(expression)) return std::nullopt;
  switch (expression.kind) {
    case ExprKind::paren:
      return begun_by(expression.children[0], whole);
    case ExprKind::attribute: {
      auto path = begun_by(expression.children[0], whole);
      if (path && whole) path->steps.emplace_back(VariablePath::Attribute{expression.text});
      return path;
    }
    case ExprKind::subscript: {
      auto path = begun_by(expression.children[0], whole);
      const auto step =
          expression.children.size() == 2 ? constant_step(expression.children[1]) : std::nullopt;
      if (path && whole && step)
        path->steps.push_back(*step);
      else
        whole = false;
      return path;
    }
    case ExprKind::call:
      if (auto path = begun_by(expression.children[0], whole)) {
        whole = false;
        return path;
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

void add_path(std::vector<VariablePath>& paths, VariablePath path) {
  if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(std::move(path));
}

void collect_paths(const Expr& expression, std::vector<VariablePath>& paths) {
  bool whole = true;
  auto path = begun_by(expression, whole);
  const bool is_told = path && whole;
  if (path) add_path(paths, std::move(*path));
  const bool is_chain = expression.is(ExprKind::attribute) || expression.is(ExprKind::subscript);
  for (std::size_t i = 0; i < expression.children.size(); ++i) {
    const Expr& child = expression.children[i];
    // The chain below is told already; its other indices are not.
    const bool told = i == 0 && (is_chain || expression.is(ExprKind::call)) &&
                      (is_told || child.is(ExprKind::name));
    if (!told) collect_paths(child, paths);
  }
}

void collect_paths(const Statement& statement, std::vector<VariablePath>& paths) {
  for (const Expr& target : statement.targets) collect_paths(target, paths);
  collect_paths(statement.value, paths);
  for (const Statement& inner : statement.body) collect_paths(inner, paths);
  for (const Statement& inner : statement.otherwise) collect_paths(inner, paths);
}

}  // namespace

std::string VariablePath::text() const {
  std::string result = root;
  for (const Step& step : steps)
    if (const auto* attribute = std::get_if<Attribute>(&step))
      result += "." + attribute->name;
    else if (const auto* key = std::get_if<std::string>(&step))
      result += "[\"" + *key + "\"]";
    else
      result += fmt::format("[{}]", std::get<std::int64_t>(step));
  return result;
}

std::optional<VariablePath> path_of(const Expr& expression) {
  bool whole = true;
  auto path = begun_by(expression, whole);
  return whole ? path : std::nullopt;
}

std::vector<VariablePath> paths_in(const Expr& expression) {
  std::vector<VariablePath> paths;
  collect_paths(expression, paths);
  return paths;
}

std::vector<VariablePath> paths_in(const Statement& statement) {
  std::vector<VariablePath> paths;
  collect_paths(statement, paths);
  return paths;
}

std::optional<VariablePath> beginning_of(const Expr& expression) {
  bool whole = true;
  return begun_by(expression, whole);
}

}  // namespace gradient_check
