#include "gradient_check/diagnosis/tape/birth_description.h"

#include <algorithm>
#include <cmath>
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

void add_text_once(std::vector<std::string>& texts, const std::string& text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
}

class Description {
 public:
  Description(const TapedEvaluation& taped, at::ScalarType dtype, bool of_stated)
      : taped_(taped), dtype_(dtype), of_stated_(of_stated) {}

  Birth of(std::size_t index, const std::vector<std::string>& results) const {
    const Source& source = taped_.tape.sources[index];
    if (const std::size_t forward = overflow_behind(source); forward != nowhere)
      return of(forward, results);
    Birth birth;
    birth.cause = is_dead_row(source) ? Cause::all_masked : source.cause;
    birth.elements = source.elements;
    birth.of_given_infinity = source.of_intended || of_stated_;
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

 private:
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
        add_text_once(birth.origin,
                      leaf + " is " +
                          number_text(element(tensors[dependency.operand], dependency.element)) +
                          " in the case");
        continue;
      }
      for (const std::string& sentence :
           explain_value(taped_, producer, dependency.element, dtype_))
        add_text_once(birth.origin, sentence);
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
          add_text_once(birth.origin, sentence);
    }
    birth.operands.push_back({"the gradient that arrives", step.incoming});
    birth.value_is_finite = !operation.bad_output;
  }

  const TapedEvaluation& taped_;
  at::ScalarType dtype_;
  bool of_stated_;
};

}  // namespace

Birth describe_birth(const TapedEvaluation& taped, std::size_t source,
                     const std::vector<std::string>& results, at::ScalarType dtype,
                     bool of_stated) {
  return Description(taped, dtype, of_stated).of(source, results);
}

}  // namespace gradient_check
