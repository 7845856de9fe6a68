#include "gradient_check/subject/program/exploded.h"

#include <fmt/format.h>

#include "gradient_check/subject/program/exploder.h"

namespace gradient_check {

std::string ExplodedStatement::body(const std::string& indent) const {
  std::string lines;
  for (const ExplodedPart& part : parts)
    lines += fmt::format("{}{} = {}\n", indent, part.temporary, part.code);
  return lines + indent + (assigned.empty() ? "pass" : assigned + result);
}

std::vector<std::string> ExplodedStatement::outputs(std::vector<std::string> first) const {
  for (const ExplodedPart& part : parts)
    if (!part.is_inner) first.push_back(part.temporary);
  return first;
}

std::optional<ExplodedStatement> explode(const Expr& expression, const std::string& text,
                                         const Environment& environment,
                                         const std::vector<FunctionSyntax>& functions) {
  Exploder exploder(text, environment, functions);
  ExplodedStatement statement;
  statement.result = exploder.visit(expression);
  statement.parts = std::move(exploder.parts);
  if (statement.parts.empty()) return std::nullopt;
  return statement;
}

std::optional<ExplodedStatement> explode(const Statement& statement, const std::string& text,
                                         const Environment& environment,
                                         const std::vector<FunctionSyntax>& functions) {
  if (statement.kind != StatementKind::assign || statement.targets.size() != 1) return std::nullopt;
  auto exploded = explode(statement.value, text, environment, functions);
  if (!exploded) return std::nullopt;
  const Expr& target = statement.targets[0];
  exploded->assigned = text.substr(target.span.begin, target.span.end - target.span.begin) + " = ";
  return exploded;
}

}  // namespace gradient_check
