#include "gradient_check/diagnosis/tape/chain.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/tape/cause.h"
#include "gradient_check/diagnosis/tape/dependencies.h"
#include "gradient_check/diagnosis/tape/values.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace {

constexpr std::size_t shown_at_each_end = 8;

/// The element of the next operation's result that element `element` of the present one's leads to.
std::int64_t next_element(const Operation& next, std::size_t producer, std::int64_t element) {
  const std::int64_t first = first_non_finite(next.output);
  const std::int64_t last = std::min<std::int64_t>(next.output.numel(), first + 64);
  for (std::int64_t flat = std::max<std::int64_t>(first, 0); flat < last; ++flat)
    for (const Dependency& dependency : dependencies_of(next, flat))
      if (next.producers[dependency.operand] == producer && dependency.element == element &&
          !std::isfinite(gradient_check::element(next.output, flat)))
        return flat;
  return first;
}

/// One element of an operation's result as a link.
ChainLink link_of(const TapedEvaluation& taped, std::size_t index, std::int64_t element) {
  const Operation& operation = taped.tape.operations[index];
  ChainLink link;
  link.op = operation.name;
  if (operation.place) {
    if (!operation.place->operation.empty()) link.op = operation.place->operation;
    link.file = operation.place->place.file;
    link.line = operation.place->place.line;
    link.column = operation.place->place.column;
  }
  link.phase = to_string(taped.phase_of(index));
  link.index = unravel(element, operation.output.sizes().vec());
  link.value = number_text(gradient_check::element(operation.output, element));
  for (const double operand : shown_operands(operation, element))
    link.operands.push_back(number_text(operand));
  return link;
}

/// Leaves out, at the end, how several outputs of a program were put end to end for the check.
void leave_out_joining(std::vector<ChainLink>& chain) {
  auto first = chain.end();
  bool joined = false;
  while (first != chain.begin()) {
    const ChainLink& link = *std::prev(first);
    const bool ours = link.line == 0 && (link.op == "reshape" || link.op == "view" ||
                                         link.op == "cat" || link.op == "clone");
    if (!ours) break;
    joined = joined || link.op == "cat";
    --first;
  }
  if (joined && first != chain.begin()) chain.erase(first, chain.end());
}

}  // namespace

std::vector<std::size_t> path_to(const TapedEvaluation& taped, std::size_t source,
                                 const std::string& result) {
  const auto found = taped.results.find(result);
  if (found == taped.results.end() || found->second.producer == nowhere ||
      found->second.sources.count(source) == 0)
    return {};
  const std::size_t birth = taped.tape.sources[source].operation;
  std::map<std::size_t, std::size_t> follower;  // what it was reached from, going back
  std::vector<std::size_t> open{found->second.producer};
  follower[found->second.producer] = nowhere;
  for (std::size_t i = 0; i < open.size() && follower.count(birth) == 0; ++i)
    for (const std::size_t producer : taped.tape.operations[open[i]].producers)
      if (producer != nowhere && taped.tape.operations[producer].sources.count(source) != 0 &&
          follower.emplace(producer, open[i]).second)
        open.push_back(producer);
  if (follower.count(birth) == 0) return {};
  std::vector<std::size_t> path;
  for (std::size_t at = birth; at != nowhere; at = follower[at]) path.push_back(at);
  if (path.size() > 2 * shown_at_each_end)
    path.erase(path.begin() + shown_at_each_end, path.end() - shown_at_each_end);
  return path;
}

std::vector<double> shown_operands(const Operation& operation, std::int64_t element) {
  if (kind_of(operation.name) == OperationKind::elementwise)
    return elementwise_operands(operation, element);
  std::vector<double> shown;
  const std::vector<at::Tensor> tensors = tensors_of(operation.arguments);
  const std::vector<Dependency> dependencies = dependencies_of(operation, element);
  for (const bool finite : {false, true})
    for (const Dependency& dependency : dependencies) {
      if (shown.size() >= 4) return shown;
      const double value = gradient_check::element(tensors[dependency.operand], dependency.element);
      if (std::isfinite(value) == finite) shown.push_back(value);
    }
  return shown;
}

std::vector<ChainLink> chain_of(const TapedEvaluation& taped, const std::vector<std::size_t>& path,
                                std::int64_t element) {
  std::vector<ChainLink> chain;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Operation& operation = taped.tape.operations[path[i]];
    if (!operation.kept || !operation.output.defined()) continue;
    if (i > 0) element = next_element(operation, path[i - 1], element);
    if (element < 0) break;
    // A helper such as neg or mean may be one expression with what follows it: each is a link.
    chain.push_back(link_of(taped, path[i], element));
  }
  leave_out_joining(chain);
  return chain;
}

}  // namespace gradient_check
