#include "gradient_check/diagnosis/blame/suspects.h"

#include <algorithm>
#include <functional>

namespace gradient_check {
namespace {

/// The writes that `goal` is made of, followed through those for which `passes` holds.
std::set<std::size_t> ancestors(const Trace& manual, const std::vector<std::size_t>& start,
                                const std::function<bool(std::size_t)>& passes) {
  std::set<std::size_t> found;
  std::vector<std::size_t> open = start;
  while (!open.empty()) {
    const std::size_t index = open.back();
    open.pop_back();
    if (!found.insert(index).second || !passes(index)) continue;
    for (const std::size_t read : manual.writes[index].reads) open.push_back(read);
  }
  return found;
}

}  // namespace

std::set<std::size_t> given_writes(const Trace& manual) {
  std::set<std::size_t> given =
      ancestors(manual, manual.output_reads, [](std::size_t) { return true; });
  for (std::size_t i = 0; i < manual.writes.size(); ++i)
    if (!manual.writes[i].statement || manual.writes[i].is_update) given.insert(i);
  return given;
}

std::vector<std::size_t> chain_of(const Trace& manual, const std::vector<Judgement>& judgements,
                                  std::size_t goal) {
  const auto unknown = [&](std::size_t i) {
    return judgements[i].standing == Standing::unknown && manual.writes[i].statement != nullptr;
  };
  std::vector<std::size_t> chain;
  for (const std::size_t i : ancestors(manual, manual.writes[goal].reads, unknown))
    if (unknown(i) && i < goal) chain.push_back(i);
  chain.push_back(goal);
  return chain;
}

std::vector<std::size_t> doubtful_reads(const Trace& manual,
                                        const std::vector<Judgement>& judgements, std::size_t goal,
                                        bool and_wrong) {
  std::vector<std::size_t> doubtful;
  const auto doubted = [&](std::size_t i) {
    const Judgement& judgement = judgements[i];
    return judgement.standing == Standing::unknown || judgement.standing == Standing::other ||
           (and_wrong && judgement.standing == Standing::wrong) ||
           (judgement.standing == Standing::right && !judgement.is_named && !judgement.is_certain);
  };
  for (const std::size_t i : ancestors(manual, manual.writes[goal].reads, doubted))
    if (manual.writes[i].statement && doubted(i) && manual.writes[i].value.defined() && i < goal)
      doubtful.push_back(i);
  return doubtful;
}

std::vector<std::size_t> misleading_reads(const Trace& manual,
                                          const std::vector<Judgement>& judgements,
                                          std::size_t goal) {
  std::vector<std::size_t> misleading;
  for (const std::size_t read : manual.writes[goal].reads) {
    const Judgement& judgement = judgements[read];
    if (judgement.standing != Standing::right || !judgement.is_named || judgement.is_certain ||
        !manual.writes[read].statement || !manual.writes[read].value.defined())
      continue;
    std::size_t readers = 0, wrong = 0;
    for (std::size_t i = read + 1; i < manual.writes.size(); ++i) {
      const auto& reads = manual.writes[i].reads;
      if (std::find(reads.begin(), reads.end(), read) == reads.end()) continue;
      ++readers;
      wrong += judgements[i].standing == Standing::wrong;
    }
    if (readers > 1 && wrong == readers) misleading.push_back(read);
  }
  return misleading;
}

const KnownValue* proportional_value(const at::Tensor& value, const std::vector<KnownValue>& known,
                                     const KnownValue* not_this) {
  if (!value.defined() || value.numel() < 3) return nullptr;
  for (const double tolerance : {1e-9, 1e-3})
    for (const KnownValue& candidate : known)
      if (candidate.kind != ValueKind::share && candidate.tensor.sizes() == value.sizes() &&
          relative_difference(candidate.tensor, not_this->tensor) > 1e-9 &&
          proportion(value, candidate.tensor, tolerance) != 0)
        return &candidate;
  return nullptr;
}

std::vector<std::string> gradients_after(const Trace& manual, std::size_t index) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : manual.entries)
    if (ancestors(manual, {entry}, [](std::size_t) { return true; }).count(index))
      names.push_back(name);
  return names;
}

}  // namespace gradient_check
