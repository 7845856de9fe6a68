#include "gradient_check/diagnosis/tape/births.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "gradient_check/case/tensor_loader.h"
#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/tape/cause.h"
#include "gradient_check/diagnosis/tape/chain.h"
#include "gradient_check/diagnosis/tape/dependencies.h"
#include "gradient_check/diagnosis/tape/expression_text.h"
#include "gradient_check/diagnosis/tape/origin.h"
#include "gradient_check/diagnosis/tape/values.h"
#include "gradient_check/diagnosis/wording.h"

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
    // The same again: the operations have the same indices.
    taped_ = evaluate(wanted());
  }

  std::vector<Birth> births() const {
    std::vector<Birth> result;
    for (const auto& [source, results] : reached_) {
      if (result.size() >= births_told_of) break;
      result.push_back(describe(source, results));
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

  Birth describe(std::size_t index, const std::vector<std::string>& results) const {
    const Source& source = taped_.tape.sources[index];
    if (const std::size_t forward = overflow_behind(source); forward != nowhere)
      return describe(forward, results);
    Birth birth;
    birth.cause = is_dead_row(source) ? Cause::all_masked : source.cause;
    birth.elements = source.elements;
    birth.of_given_infinity = source.of_intended || stated_.count(index) != 0;
    birth.reaches = results;
    birth.dtype = dtype_name(dtype_);
    if (source.operation != nowhere) add_place(taped_.tape.operations[source.operation], birth);
    birth.phase = source.backward != nowhere    ? Phase::autograd
                  : source.operation != nowhere ? taped_.phase_of(source.operation)
                                                : taped_.backward_phase;
    if (source.backward != nowhere)
      add_slope(source, birth);
    else
      add_values(source, birth);
    for (const std::string& result : results) {
      const std::vector<std::size_t> path = path_to(taped_, index, result);
      if (path.empty()) continue;
      birth.chain = chain_of(taped_, path, source.element);
      if (result == "loss") break;
    }
    return birth;
  }

  /// Whether a softmax by hand met a row that is masked from end to end: its maximum is subtracted
  /// from -inf, or the exponentials of -inf are divided by their sum.
  bool is_dead_row(const Source& source) const {
    if (source.operation == nowhere || source.backward != nowhere) return false;
    const Operation& operation = taped_.tape.operations[source.operation];
    if (!operation.output.defined() || operation.producers.size() < 2) return false;
    const std::vector<double> operands = shown_operands(operation, source.element);
    if (source.cause == Cause::infinity_minus_infinity && source.of_intended)
      return operands.size() > 1 && operands[0] == -HUGE_VAL && operands[1] == -HUGE_VAL &&
             is_maximum(operation.producers[1]);
    if (source.cause != Cause::zero_over_zero || operation.producers[0] == nowhere) return false;
    const Operation& numerator = taped_.tape.operations[operation.producers[0]];
    if (numerator.name != "exp" || !numerator.kept) return false;
    const std::int64_t flat =
        broadcast_index(numerator.output, operation.output.sizes(), source.element);
    return flat >= 0 && elementwise_operands(numerator, flat).at(0) == -HUGE_VAL;
  }

  bool is_maximum(std::size_t index) const {
    while (index != nowhere) {
      const Operation& operation = taped_.tape.operations[index];
      if (operation.name == "amax" || operation.name == "max") return true;
      if (kind_of(operation.name) != OperationKind::movement || operation.producers.empty())
        return false;
      index = operation.producers[0];
    }
    return false;
  }

  static void add_place(const Operation& operation, Birth& birth) {
    birth.op = operation.name;
    if (!operation.place) return;
    const RunningPlace& place = *operation.place;
    birth.is_layer = !place.operation.empty();
    if (birth.is_layer) birth.op = place.operation;
    birth.text = on_one_line(place.text);
    birth.place = place.place;
    birth.call = place.call;
    birth.variable = assigned_variable(place.place, place.text);
  }

  void add_values(const Source& source, Birth& birth) const {
    const Operation& operation = taped_.tape.operations[source.operation];
    if (!operation.output.defined()) return;
    birth.index = unravel(source.element, operation.output.sizes().vec());
    birth.value = element(operation.output, source.element);
    if (birth.is_layer) return;
    add_operands(operation, source.element, birth);
    const std::vector<at::Tensor> tensors = tensors_of(operation.arguments);
    for (const Dependency& dependency : telling(operation, source)) {
      const std::size_t producer = operation.producers[dependency.operand];
      if (producer == nowhere) {
        const std::string& leaf = operation.leaves[dependency.operand];
        if (leaf.empty()) continue;
        add_once(birth.origin,
                 leaf + " is " +
                     number_text(element(tensors[dependency.operand], dependency.element)) +
                     " in the case");
        continue;
      }
      for (const std::string& sentence :
           explain_value(taped_, producer, dependency.element, dtype_))
        add_once(birth.origin, sentence);
    }
  }

  /// The operands whose values need an explanation: the zero that is divided by, not what is
  /// divided.
  static std::vector<Dependency> telling(const Operation& operation, const Source& source) {
    std::vector<Dependency> all = dependencies_of(operation, source.element);
    if (kind_of(operation.name) != OperationKind::elementwise) {
      const std::vector<at::Tensor> tensors = tensors_of(operation.arguments);
      const auto magnitude = [&](const Dependency& dependency) {
        const double value = std::abs(element(tensors[dependency.operand], dependency.element));
        return std::isnan(value) ? HUGE_VAL : value;
      };
      const auto largest = std::max_element(
          all.begin(), all.end(),
          [&](const auto& a, const auto& b) { return magnitude(a) < magnitude(b); });
      if (largest == all.end()) return {};
      return {*largest};
    }
    const bool divides = operation.name == "div" || operation.name == "true_divide";
    if (divides && all.size() > 1 && source.cause == Cause::division_by_zero) return {all[1]};
    return all;
  }

  /// Of many elements the largest, or the first that is not finite.
  static void add_telling_operand(const Operation& operation, const std::vector<std::string>& texts,
                                  std::int64_t flat, Birth& birth) {
    Source at;
    at.element = flat;
    const std::vector<Dependency> all = telling(operation, at);
    if (all.empty() || all[0].operand >= texts.size() || texts[all[0].operand].front() == '"')
      return;
    birth.operands.push_back(
        {texts[all[0].operand],
         element(tensors_of(operation.arguments)[all[0].operand], all[0].element)});
  }

  static void add_operands(const Operation& operation, std::int64_t flat, Birth& birth) {
    const std::vector<std::string> texts = operand_texts(birth.text);
    const std::vector<double> values = shown_operands(operation, flat);
    if (kind_of(operation.name) != OperationKind::elementwise) {
      add_telling_operand(operation, texts, flat, birth);
      return;
    }
    const bool reversed = operation.name == "rsub";
    const bool inverse = operation.name == "reciprocal" && texts.size() == 2;
    // Beyond what is written there are defaults, such as the alpha of add.
    const std::size_t written = inverse ? 1 : texts.empty() ? 3 : texts.size();
    const std::size_t shown = std::min(values.size(), written);
    for (std::size_t i = 0; i < shown; ++i) {
      const std::size_t text = inverse ? 1 : reversed && i < 2 ? 1 - i : i;
      birth.operands.push_back({text < texts.size() ? texts[text] : "", values[i]});
    }
  }

  /// A birth in the forward that makes the derivative of its operation what it is, where that is an
  /// overflow: it has no infinite slope. nowhere for any other.
  std::size_t overflow_behind(const Source& source) const {
    if (source.backward == nowhere || source.operation == nowhere) return nowhere;
    for (const std::size_t own : taped_.tape.operations[source.operation].sources) {
      const Source& forward = taped_.tape.sources[own];
      if (forward.operation == source.operation && forward.backward == nowhere &&
          forward.kind == Source::Kind::birth &&
          (forward.cause == Cause::exp_overflow || forward.cause == Cause::overflow))
        return own;
    }
    return nowhere;
  }

  /// The derivative of a product is finite; what overflows is its product with the gradient.
  Cause slope_cause(const Source& source, const BackwardStep& step) const {
    static const std::set<std::string> bounded{"mul",    "add", "sub", "rsub",   "neg",    "sum",
                                               "mean",   "mm",  "bmm", "matmul", "linear", "addmm",
                                               "expand", "dot", "mv",  "conv1d", "conv2d"};
    if (source.operation == nowhere) return Cause::infinite_slope;
    const Operation& operation = taped_.tape.operations[source.operation];
    return bounded.count(operation.name) != 0 && std::isinf(step.outgoing) && !operation.bad_output
               ? Cause::overflow
               : Cause::infinite_slope;
  }

  /// What autograd's derivative of an operation was taken at.
  void add_slope(const Source& source, Birth& birth) const {
    const BackwardStep& step = taped_.tape.backward[source.backward];
    birth.index = unravel(step.element, step.shape);
    birth.value = step.outgoing;
    birth.cause = slope_cause(source, step);
    if (source.operation == nowhere) {
      birth.op = step.name;
      return;
    }
    const Operation& operation = taped_.tape.operations[source.operation];
    if (!operation.output.defined()) return;
    const std::vector<at::Tensor> tensors = tensors_of(operation.arguments);
    const std::vector<std::string> texts = operand_texts(birth.text);
    for (std::size_t k = 0; k < tensors.size(); ++k) {
      const std::int64_t i = tensors[k].sizes().vec() == step.shape
                                 ? step.element
                                 : broadcast_index(tensors[k], step.shape, step.element);
      if (i < 0 || !tensors[k].is_floating_point()) continue;
      birth.operands.push_back({k < texts.size() ? texts[k] : "", element(tensors[k], i)});
      if (operation.producers[k] != nowhere)
        for (const std::string& sentence : explain_value(taped_, operation.producers[k], i, dtype_))
          add_once(birth.origin, sentence);
    }
    birth.operands.push_back({"the gradient that arrives", step.incoming});
    birth.value_is_finite = !operation.bad_output;
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
