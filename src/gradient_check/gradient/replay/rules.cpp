#include "gradient_check/gradient/replay/rules.h"

#include <map>

namespace gradient_check {
namespace {

const Patch no_change;

const std::map<std::string_view, ReplayRule>& special_rules() {
  static const std::map<std::string_view, ReplayRule> rules{
      {"aten::mm", replay_matmul},
      {"aten::matmul", replay_matmul},
      {"aten::linear", replay_linear},
      {"aten::addmm", replay_addmm},
      {"aten::conv1d", replay_convolution},
      {"aten::conv2d", replay_convolution},
      {"aten::conv3d", replay_convolution},
      {"aten::sum", replay_sum},
      {"aten::mean", replay_mean},
      {"aten::softmax", replay_softmax},
      {"aten::_softmax", replay_softmax},
      {"aten::log_softmax", replay_softmax},
      {"aten::_log_softmax", replay_softmax},
      {"aten::layer_norm", replay_layer_norm},
      {"aten::t", replay_t},
      {"aten::numpy_T", replay_t},
      {"aten::transpose", replay_transpose},
      {"aten::permute", replay_permute},
      {"aten::unsqueeze", replay_unsqueeze},
      {"aten::select", replay_select},
      {"aten::view", replay_reshape},
      {"aten::reshape", replay_reshape},
      {"aten::flatten", replay_reshape},
      {"aten::squeeze", replay_reshape},
  };
  return rules;
}

/// Operators whose result's element depends on its operands' elements at the same place alone,
/// under broadcasting. `where`, `clamp` and the like are so in every overload.
constexpr std::string_view pointwise[] = {
    "abs",         "acos",        "acosh",       "add",           "addcdiv",   "addcmul",
    "asin",        "asinh",       "atan",        "atan2",         "atanh",     "celu",
    "clamp",       "clamp_max",   "clamp_min",   "clip",          "clone",     "contiguous",
    "cos",         "cosh",        "deg2rad",     "detach",        "digamma",   "div",
    "divide",      "elu",         "eq",          "erf",           "erfc",      "erfinv",
    "exp",         "exp2",        "expm1",       "fmod",          "ge",        "gelu",
    "gt",          "hardshrink",  "hardsigmoid", "hardswish",     "hardtanh",  "heaviside",
    "hypot",       "le",          "leaky_relu",  "lerp",          "lgamma",    "log",
    "log10",       "log1p",       "log2",        "log_sigmoid",   "logaddexp", "logaddexp2",
    "logical_and", "logical_not", "logical_or",  "logit",         "lt",        "masked_fill",
    "maximum",     "minimum",     "mish",        "mul",           "multiply",  "nan_to_num",
    "ne",          "neg",         "negative",    "pow",           "rad2deg",   "reciprocal",
    "relu",        "relu6",       "remainder",   "rsqrt",         "rsub",      "selu",
    "sigmoid",     "sign",        "silu",        "sin",           "sinc",      "sinh",
    "softplus",    "softshrink",  "special_erf", "special_expit", "sqrt",      "square",
    "sub",         "subtract",    "tan",         "tanh",          "threshold", "true_divide",
    "where",       "xlogy"};

}  // namespace

ReplayRule rule_for(std::string_view operator_name) {
  const auto found = special_rules().find(operator_name);
  if (found != special_rules().end()) return found->second;
  constexpr std::string_view space = "aten::";
  if (operator_name.substr(0, space.size()) != space) return nullptr;
  operator_name.remove_prefix(space.size());
  for (const std::string_view each : pointwise)
    if (each == operator_name) return replay_pointwise;
  return nullptr;
}

const at::Tensor& ReplayedCall::recorded(std::size_t position) const {
  return argument(position).toTensor();
}

const Patch& ReplayedCall::patch(std::size_t position) const {
  for (const TensorSlot& slot : slots())
    if (slot.position == position && slot.element < 0) return patch(slot);
  return no_change;
}

bool ReplayedCall::only_changed(std::size_t position) const {
  for (const TensorSlot& slot : slots())
    if (slot.position != position && patch(slot).changed()) return false;
  return patch(position).changed();
}

at::Tensor ReplayedCall::run(torch::jit::Stack arguments) const {
  call_.operation.callBoxed(&arguments);
  return arguments.at(0).toTensor();
}

}  // namespace gradient_check
