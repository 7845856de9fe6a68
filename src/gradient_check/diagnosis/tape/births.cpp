#include "gradient_check/diagnosis/tape/births.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "gradient_check/diagnosis/tape/birth_description.h"
#include "gradient_check/diagnosis/tape/chain.h"

namespace gradient_check {
namespace {

constexpr std::size_t births_told_of = 16;
constexpr std::size_t ancestors_kept = 200;

using Evaluate = std::function<TapedEvaluation(const std::set<std::size_t>& keep)>;

/// The births of one evaluation.
class BirthFinder {
 public:
  BirthFinder(const Evaluate& evaluate, at::ScalarType dtype) : dtype_(dtype) {
    taped_ = evaluate({});
    sort_out();
    if (reached_.empty()) return;
    // The same again: the operations have the same indices, but of code that remembers its calls.
    TapedEvaluation again = evaluate(wanted());
    if (same_operations(again.tape, taped_.tape))
      taped_ = std::move(again);
    else
      reached_.clear();
  }

  std::vector<Birth> births() const {
    std::vector<Birth> result;
    for (const auto& [source, results] : reached_) {
      if (result.size() >= births_told_of) break;
      result.push_back(describe_birth(taped_, source, results, dtype_, stated_.count(source) != 0));
    }
    return result;
  }

 private:
  /// Which births reach which results. What is born in the derivative of an operation that a birth
  /// of the forward has reached follows from that birth.
  void sort_out() {
    for (const auto& [name, result] : taped_.results)
      for (const std::size_t source : result.sources)
        if (is_forward_birth(source)) reached_[source].push_back(name);
    for (const auto& [name, result] : taped_.results)
      for (const std::size_t source : result.sources) {
        if (taped_.tape.sources[source].backward == nowhere) continue;
        const Sources roots = roots_of(taped_.tape.sources[source].operation);
        if (roots.empty() && holds_stated_infinity(taped_.tape.sources[source].operation)) {
          stated_.insert(source);
          if (!reached_.empty()) continue;  // the loss is not finite for a reason that is known
        }
        for (const std::size_t root : roots) add_once(reached_[root], name);
        if (roots.empty()) reached_[source].push_back(name);
      }
  }

  bool is_forward_birth(std::size_t source) const {
    const Source& found = taped_.tape.sources[source];
    return found.kind == Source::Kind::birth && found.backward == nowhere;
  }

  static void add_once(std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }

  /// Whether an operation worked on an infinity of the case, or one that the program states.
  bool holds_stated_infinity(std::size_t operation) const {
    if (operation == nowhere) return false;
    const auto stated = [&](std::size_t index) {
      const Sources& sources = taped_.tape.operations[index].sources;
      return std::any_of(sources.begin(), sources.end(), [&](std::size_t source) {
        return taped_.tape.sources[source].kind != Source::Kind::birth;
      });
    };
    const auto& producers = taped_.tape.operations[operation].producers;
    return stated(operation) ||
           std::any_of(producers.begin(), producers.end(), [&](std::size_t producer) {
             return producer != nowhere && stated(producer);
           });
  }

  /// The births already known to reach a result that an operation, or one of its operands, holds.
  Sources roots_of(std::size_t operation) const {
    Sources roots;
    if (operation == nowhere) return roots;
    std::vector<std::size_t> looked_at = taped_.tape.operations[operation].producers;
    looked_at.push_back(operation);
    for (const std::size_t index : looked_at)
      if (index != nowhere)
        for (const std::size_t source : taped_.tape.operations[index].sources)
          if (is_forward_birth(source) && reached_.count(source) != 0) roots.insert(source);
    return roots;
  }

  /// The operations whose values tell the story: those of the births, what leads to them, and what
  /// leads from them to the results.
  std::set<std::size_t> wanted() const {
    std::set<std::size_t> keep;
    std::vector<std::size_t> open;
    for (const auto& [source, results] : reached_) {
      open.push_back(taped_.tape.sources[source].operation);
      for (const std::string& result : results)
        for (const std::size_t index : path_to(taped_, source, result)) keep.insert(index);
    }
    std::size_t ancestors = 0;
    for (std::size_t i = 0; i < open.size() && ancestors < ancestors_kept; ++i) {
      if (open[i] == nowhere) continue;
      keep.insert(open[i]);
      ++ancestors;
      const auto& producers = taped_.tape.operations[open[i]].producers;
      open.insert(open.end(), producers.begin(), producers.end());
    }
    return keep;
  }

  at::ScalarType dtype_;
  TapedEvaluation taped_;
  Sources stated_;  ///< births in the derivative of an operation on an infinity that is stated
  std::map<std::size_t, std::vector<std::string>> reached_;  ///< results by source
};

bool same_place(const Birth& a, const Birth& b) {
  // A layer is one operation to its user, whatever it is made of.
  if (a.is_layer && b.is_layer) return a.text == b.text;
  return a.cause == b.cause && a.place && b.place && a.place->line == b.place->line &&
         a.place->column == b.place->column && a.text == b.text;
}

/// Adds what is not there yet: the manual code's forward and autograd's are the same births.
void merge(std::vector<Birth> more, std::vector<Birth>& births) {
  for (Birth& birth : more) {
    // What a loss divides by is a count, or a sum of weights.
    if (birth.is_layer && birth.cause == Cause::zero_over_zero && birth.text.rfind("loss", 0) == 0)
      birth.cause = Cause::empty_reduction;
    const auto known = std::find_if(births.begin(), births.end(),
                                    [&](const Birth& other) { return same_place(other, birth); });
    if (known == births.end()) {
      births.push_back(std::move(birth));
      continue;
    }
    for (const std::string& result : birth.reaches)
      if (std::find(known->reaches.begin(), known->reaches.end(), result) == known->reaches.end())
        known->reaches.push_back(result);
  }
}

}  // namespace

std::vector<Birth> find_births(const TapePoint& point) {
  std::vector<Birth> births;
  const auto manual = [&](const std::set<std::size_t>& keep) { return tape_manual(point, keep); };
  const auto autograd = [&](const std::set<std::size_t>& keep) {
    return tape_autograd(point, keep);
  };
  if (point.manual) merge(BirthFinder(manual, point.dtype).births(), births);
  std::vector<Birth> reference;
  if (point.autograd) reference = BirthFinder(autograd, point.dtype).births();
  // A layer's reference is the operator that its user means; its manual code is ours.
  const bool layered = !reference.empty() && reference.front().is_layer;
  if (layered) births.swap(reference);
  merge(std::move(reference), births);
  return births;
}

}  // namespace gradient_check
