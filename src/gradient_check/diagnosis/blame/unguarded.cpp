#include "gradient_check/diagnosis/blame/unguarded.h"

#include <set>

#include "gradient_check/diagnosis/blame/search.h"

namespace gradient_check {

std::optional<Unguarded> unguarded(const Workbench& bench, const std::vector<std::size_t>& chain) {
  Unguarded result;
  std::set<const Expr*> seen;
  for (const std::size_t index : chain)
    if (const Expr* expression = expression_of(bench.manual.writes[index]);
        expression && seen.insert(expression).second)
      for (Edit& guard : guards_in(*expression, bench.program->text()))
        result.guards.push_back(std::move(guard));
  if (result.guards.empty()) return std::nullopt;
  result.program = bench.compiled(bench.text.with(result.guards));
  if (!result.program) return std::nullopt;
  try {
    result.trace = bench.traced(*result.program, bench.overrides);
  } catch (const std::exception&) {
    return std::nullopt;
  }
  if (result.trace.writes.size() != bench.manual.writes.size()) return std::nullopt;
  return result;
}

std::size_t guarded_write(const Trace& manual, const std::vector<std::size_t>& chain,
                          const Edit& guard) {
  for (const std::size_t index : chain)
    if (const Expr* expression = expression_of(manual.writes[index]))
      if (expression->span.begin <= guard.span.begin && guard.span.end <= expression->span.end)
        return index;
  return chain.back();
}

}  // namespace gradient_check
