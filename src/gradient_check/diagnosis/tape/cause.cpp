#include "gradient_check/diagnosis/tape/cause.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace gradient_check {
namespace {

using NameSet = std::set<std::string>;

bool is_any_of(const std::string& name, const NameSet& names) { return names.count(name) != 0; }

const NameSet elementwise_names{
    "add",         "sub",           "rsub",        "subtract",      "mul",          "multiply",
    "div",         "divide",        "true_divide", "floor_divide",  "reciprocal",   "pow",
    "float_power", "sqrt",          "rsqrt",       "square",        "exp",          "exp2",
    "expm1",       "log",           "log2",        "log10",         "log1p",        "logit",
    "xlogy",       "special_xlogy", "sinh",        "cosh",          "tanh",         "sin",
    "cos",         "tan",           "asin",        "arcsin",        "acos",         "arccos",
    "atan",        "atan2",         "asinh",       "acosh",         "arccosh",      "atanh",
    "arctanh",     "erf",           "erfc",        "erfinv",        "lgamma",       "digamma",
    "fmod",        "remainder",     "sigmoid",     "special_expit", "log_sigmoid",  "logsigmoid",
    "softplus",    "relu",          "relu6",       "leaky_relu",    "elu",          "gelu",
    "silu",        "selu",          "celu",        "mish",          "hardtanh",     "clamp",
    "clip",        "clamp_min",     "clamp_max",   "minimum",       "maximum",      "fmin",
    "fmax",        "abs",           "neg",         "negative",      "sign",         "lerp",
    "addcmul",     "addcdiv",       "hypot",       "logaddexp",     "logaddexp2",   "nan_to_num",
    "to",          "_to_copy",      "copy",        "type_as",       "float",        "half",
    "double",      "bfloat16",      "dropout",     "special_log1p", "special_expm1"};
const NameSet reduction_names{"sum",
                              "mean",
                              "prod",
                              "amax",
                              "amin",
                              "max",
                              "min",
                              "logsumexp",
                              "softmax",
                              "log_softmax",
                              "_softmax",
                              "_log_softmax",
                              "var",
                              "std",
                              "var_mean",
                              "std_mean",
                              "norm",
                              "linalg_vector_norm",
                              "frobenius_norm",
                              "cumsum",
                              "cumprod",
                              "nansum",
                              "nanmean",
                              "median",
                              "trace",
                              "special_logsumexp",
                              "special_softmax",
                              "special_log_softmax",
                              "linalg_norm"};
const NameSet movement_names{"view",
                             "reshape",
                             "expand",
                             "expand_as",
                             "select",
                             "slice",
                             "index",
                             "index_select",
                             "gather",
                             "transpose",
                             "t",
                             "permute",
                             "flatten",
                             "unflatten",
                             "squeeze",
                             "unsqueeze",
                             "cat",
                             "concat",
                             "stack",
                             "where",
                             "masked_fill",
                             "masked_select",
                             "masked_scatter",
                             "scatter",
                             "index_put",
                             "index_copy",
                             "index_fill",
                             "narrow",
                             "split",
                             "chunk",
                             "unbind",
                             "flip",
                             "roll",
                             "repeat",
                             "tile",
                             "tril",
                             "triu",
                             "diag",
                             "diagonal",
                             "clone",
                             "contiguous",
                             "detach",
                             "movedim",
                             "swapaxes",
                             "take",
                             "take_along_dim",
                             "embedding",
                             "broadcast_to",
                             "view_as",
                             "reshape_as",
                             "alias",
                             "numpy_T",
                             "sort",
                             "topk",
                             "pad",
                             "constant_pad_nd",
                             "lift_fresh",
                             "mT",
                             "_unsafe_view",
                             "repeat_interleave",
                             "adjoint",
                             "ravel",
                             "unfold",
                             "resolve_conj",
                             "resolve_neg",
                             "requires_grad",
                             "diag_embed",
                             "pixel_shuffle",
                             "rot90",
                             "fliplr",
                             "flipud",
                             "swapdims"};
const NameSet fill_names{"full",          "full_like", "new_full", "fill",       "tensor",
                         "scalar_tensor", "zeros",     "ones",     "zeros_like", "ones_like",
                         "new_zeros",     "new_ones",  "arange",   "linspace",   "eye",
                         "lift",          "zero"};
const NameSet allocation_names{"empty", "empty_like", "new_empty", "empty_strided", "resize"};

/// For what: the cause where the operand is 0 or beyond an edge.
Cause of_logarithm(double x) { return x < 0 ? Cause::log_of_negative : Cause::log_of_zero; }

Cause of_division(double numerator, double denominator) {
  if (std::isinf(numerator) && std::isinf(denominator)) return Cause::infinity_over_infinity;
  if (denominator != 0) return Cause::overflow;
  return numerator == 0 ? Cause::zero_over_zero : Cause::division_by_zero;
}

Cause zero_of_product(const std::vector<double>& factors, double result) {
  const bool zero = std::any_of(factors.begin(), factors.end(), [](double x) { return x == 0; });
  const bool infinite =
      std::any_of(factors.begin(), factors.end(), [](double x) { return std::isinf(x); });
  if (std::isnan(result) && zero && infinite) return Cause::zero_times_infinity;
  return std::isnan(result) ? Cause::domain_error : Cause::overflow;
}

Cause of_power(double base, double exponent, double result) {
  if (base == 0 && exponent < 0) return Cause::division_by_zero;
  if (base < 0 && std::isnan(result))
    return std::abs(exponent) == 0.5 ? Cause::sqrt_of_negative : Cause::domain_error;
  return Cause::overflow;
}

Cause of_result(double result) {
  return std::isnan(result) ? Cause::domain_error : Cause::overflow;
}

/// The logarithms among the operators, with what of the operand they take the logarithm of.
const std::map<std::string, double (*)(double)> logarithms{
    {"log", [](double x) { return x; }},
    {"log2", [](double x) { return x; }},
    {"log10", [](double x) { return x; }},
    {"log1p", [](double x) { return 1 + x; }},
    {"special_log1p", [](double x) { return 1 + x; }},
    {"logit", [](double x) { return x == 1  ? 0
                                    : x > 1 ? 1 - x
                                            : x; }}};

}  // namespace

OperationKind kind_of(const std::string& name) {
  if (is_any_of(name, elementwise_names)) return OperationKind::elementwise;
  if (is_any_of(name, reduction_names)) return OperationKind::reduction;
  if (is_any_of(name, movement_names)) return OperationKind::movement;
  if (is_any_of(name, fill_names)) return OperationKind::fill;
  if (is_any_of(name, allocation_names)) return OperationKind::allocation;
  return OperationKind::other;
}

Cause cause_of_elementwise(const std::string& name, const std::vector<double>& operands,
                           double result) {
  const double first = operands.empty() ? 0 : operands[0];
  const double second = operands.size() < 2 ? 0 : operands[1];
  if (const auto found = logarithms.find(name); found != logarithms.end())
    return of_logarithm(found->second(first));
  if (name == "xlogy" || name == "special_xlogy") return of_logarithm(second);
  if (name == "sqrt") return first < 0 ? Cause::sqrt_of_negative : of_result(result);
  if (name == "rsqrt") return first < 0 ? Cause::sqrt_of_negative : Cause::division_by_zero;
  if (name == "reciprocal") return of_division(1, first);
  if (is_any_of(name, {"div", "divide", "true_divide", "floor_divide"}))
    return of_division(first, second);
  if (name == "fmod" || name == "remainder") return of_division(1, second);
  if (name == "pow" || name == "float_power") return of_power(first, second, result);
  if (name == "addcdiv" && operands.size() >= 3) return of_division(second, operands[2]);
  if (is_any_of(name, {"exp", "exp2", "expm1", "special_expm1", "sinh", "cosh"}))
    return Cause::exp_overflow;
  if (name == "mul" || name == "multiply") return zero_of_product({first, second}, result);
  if (is_any_of(name, {"add", "sub", "rsub", "subtract", "lerp"}) && std::isnan(result))
    return Cause::infinity_minus_infinity;
  if (is_any_of(name, {"acos", "asin", "arccos", "arcsin", "acosh", "arccosh", "atanh", "arctanh",
                       "erfinv", "lgamma", "digamma"}))
    return Cause::domain_error;
  return of_result(result);
}

Cause cause_of_many(const std::string& name, const std::vector<double>& values, double result) {
  if (values.empty()) return Cause::empty_reduction;
  const auto has = [&](auto test) { return std::any_of(values.begin(), values.end(), test); };
  const bool up = has([](double x) { return std::isinf(x) && x > 0; });
  const bool down = has([](double x) { return std::isinf(x) && x < 0; });
  const bool all_down =
      std::all_of(values.begin(), values.end(), [](double x) { return std::isinf(x) && x < 0; });
  if (name.rfind("nll_loss", 0) == 0 || name == "cross_entropy_loss")
    if (!up && !down && std::isnan(result)) return Cause::empty_reduction;
  const bool normalises = name.find("softmax") != std::string::npos ||
                          name.find("logsumexp") != std::string::npos ||
                          name == "cross_entropy_loss";
  if (normalises) return all_down ? Cause::all_masked : Cause::infinity_minus_infinity;
  const bool counts = name == "var" || name == "std" || name == "var_mean" || name == "std_mean";
  if (counts && values.size() < 2) return Cause::empty_reduction;
  if (!std::isnan(result)) return Cause::overflow;
  if (up && down) return Cause::infinity_minus_infinity;
  const bool multiplies = kind_of(name) == OperationKind::other;
  if ((up || down) && multiplies && has([](double x) { return x == 0; }))
    return Cause::zero_times_infinity;
  if (up || down) return Cause::infinity_minus_infinity;
  return Cause::domain_error;
}

}  // namespace gradient_check
