#include "gradient_check/diagnosis/tape/born.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/diagnosis/tape/cause.h"
#include "gradient_check/diagnosis/tape/dependencies.h"
#include "gradient_check/diagnosis/tape/values.h"

namespace gradient_check {
namespace {

/// The first true element, and how many there are.
std::optional<std::pair<std::int64_t, std::int64_t>> first_true(const at::Tensor& mask) {
  const at::Tensor found = mask.reshape({-1}).nonzero();
  if (found.numel() == 0) return std::nullopt;
  return std::pair{found.flatten()[0].item<std::int64_t>(), found.size(0)};
}

/// Elements of the output for which some operand `is` so.
template <typename Test>
at::Tensor where_any_operand(const Operation& operation, Test is) {
  at::Tensor any = at::zeros_like(operation.output, at::TensorOptions().dtype(at::kBool));
  for (const at::Tensor& tensor : tensors_of(operation.arguments))
    if (tensor.is_floating_point() && broadcast_index(tensor, operation.output.sizes(), 0) >= 0)
      any = any.logical_or(is(tensor).expand(operation.output.sizes()));
  return any;
}

Source birth(Cause cause, std::int64_t element, std::int64_t elements, bool of_intended) {
  Source source;
  source.of_intended = of_intended;
  source.cause = cause;
  source.element = element;
  source.elements = elements;
  return source;
}

/// Whether what the operands hold that is not finite is infinite, and no fault in itself.
bool only_intended(const Sources& inherited, const std::vector<Source>& known) {
  return std::all_of(inherited.begin(), inherited.end(), [&](std::size_t source) {
    return known[source].kind != Source::Kind::birth && !known[source].is_nan;
  });
}

/// Whether the program itself states a nan: `x * float("nan")`.
bool has_nan_number(const Operation& operation) {
  return std::any_of(operation.arguments.begin(), operation.arguments.end(),
                     [](const c10::IValue& argument) {
                       return argument.isDouble() && std::isnan(argument.toDouble());
                     });
}

std::optional<Source> source_in_elementwise(const Operation& operation, bool intended) {
  const bool number = has_non_finite_number(operation.arguments);
  const at::Tensor bad = at::isfinite(operation.output).logical_not();
  const at::Tensor handed = where_any_operand(
      operation, [](const at::Tensor& tensor) { return at::isfinite(tensor).logical_not(); });
  const auto cause = [&](std::int64_t flat) {
    return cause_of_elementwise(operation.name, elementwise_operands(operation, flat),
                                element(operation.output, flat));
  };
  if (!number)
    if (const auto found = first_true(bad.logical_and(handed.logical_not())))
      return birth(cause(found->first), found->first, found->second, false);
  if (!intended) return std::nullopt;
  if (has_nan_number(operation)) return Source{Source::Kind::constant};
  const at::Tensor nan_before =
      where_any_operand(operation, [](const at::Tensor& tensor) { return at::isnan(tensor); });
  if (const auto found =
          first_true(at::isnan(operation.output).logical_and(nan_before.logical_not())))
    return birth(cause(found->first), found->first, found->second, true);
  if (number) return Source{Source::Kind::constant};
  return std::nullopt;
}

std::optional<Source> of_many(const Operation& operation, bool inherits, bool intended) {
  if (inherits && !intended) return std::nullopt;
  // Beside an infinity that is handed down, what is new is a nan.
  const auto nan = first_true(at::isnan(operation.output));
  const std::int64_t flat = nan ? nan->first : first_non_finite(operation.output);
  const std::vector<at::Tensor> tensors = tensors_of(operation.arguments);
  std::vector<double> values;
  for (const Dependency& dependency : dependencies_of(operation, flat))
    values.push_back(element(tensors[dependency.operand], dependency.element));
  if (std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); }))
    return std::nullopt;
  const double result = element(operation.output, flat);
  const Cause cause = cause_of_many(operation.name, values, result);
  // An infinity that a maximum or a sum hands down; the logarithm of a dead row's sum is a birth.
  if (inherits && std::isinf(result) && cause != Cause::all_masked) return std::nullopt;
  return birth(cause, flat, count_non_finite(operation.output), inherits);
}

}  // namespace

std::optional<Source> source_born(const Operation& operation, const Sources& inherited,
                                  const std::vector<Source>& known) {
  const at::NoGradGuard no_grad;
  const bool intended = only_intended(inherited, known);
  switch (kind_of(operation.name)) {
    case OperationKind::elementwise:
      return source_in_elementwise(operation, intended);
    case OperationKind::movement:
      if (!inherited.empty() && !has_non_finite_number(operation.arguments)) return std::nullopt;
      return Source{Source::Kind::constant};
    case OperationKind::fill:
    case OperationKind::allocation:
      return Source{Source::Kind::constant};
    case OperationKind::reduction:
      if (tensors_of(operation.arguments).size() > 1)
        return source_in_elementwise(operation, intended);
      break;
    case OperationKind::other:
      break;
  }
  return of_many(operation, !inherited.empty(), intended);
}

}  // namespace gradient_check
