#include "gradient_check/subject/program/entries/missing_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace gradient_check {
namespace {

struct UsualArgument {
  const char* name;
  const char* json;
};

// Sizes differ from one another, so that what is transposed does not fit.
constexpr std::array usual_arguments{
    UsualArgument{"stride", "1"},
    UsualArgument{"strides", "1"},
    UsualArgument{"pad", "1"},
    UsualArgument{"padding", "1"},
    UsualArgument{"kernel_size", "3"},
    UsualArgument{"filter_size", "3"},
    UsualArgument{"pool_size", "2"},
    UsualArgument{"pool_h", "2"},
    UsualArgument{"pool_w", "2"},
    UsualArgument{"lr", "0.1"},
    UsualArgument{"learning_rate", "0.1"},
    UsualArgument{"eps", "1e-05"},
    UsualArgument{"epsilon", "1e-05"},
    UsualArgument{"reg", "0.1"},
    UsualArgument{"lambd", "0.1"},
    UsualArgument{"lamda", "0.1"},
    UsualArgument{"lmbda", "0.1"},
    UsualArgument{"weight_decay", "0.1"},
    UsualArgument{"negative_slope", "0.1"},
    UsualArgument{"slope", "0.1"},
    UsualArgument{"temperature", "2.0"},
    UsualArgument{"keep_prob", "0.8"},
    UsualArgument{"dropout", "0.5"},
    UsualArgument{"dropout_ratio", "0.5"},
    UsualArgument{"p", "0.5"},
    UsualArgument{"momentum", "0.9"},
    UsualArgument{"training", "true"},
    UsualArgument{"train", "true"},
    UsualArgument{"is_training", "true"},
    UsualArgument{"train_flg", "true"},
    UsualArgument{"mode", "\"train\""},
    UsualArgument{"axis", "-1"},
    UsualArgument{"dim", "-1"},
    UsualArgument{"in_features", "3"},
    UsualArgument{"in_channels", "3"},
    UsualArgument{"in_dim", "3"},
    UsualArgument{"dim_in", "3"},
    UsualArgument{"input_dim", "3"},
    UsualArgument{"input_size", "3"},
    UsualArgument{"in_size", "3"},
    UsualArgument{"n_in", "3"},
    UsualArgument{"num_inputs", "3"},
    UsualArgument{"n_inputs", "3"},
    UsualArgument{"nin", "3"},
    UsualArgument{"fan_in", "3"},
    UsualArgument{"D_in", "3"},
    UsualArgument{"D", "3"},
    UsualArgument{"num_features", "3"},
    UsualArgument{"n_features", "3"},
    UsualArgument{"hidden_size", "4"},
    UsualArgument{"hidden_dim", "4"},
    UsualArgument{"n_hidden", "4"},
    UsualArgument{"num_hidden", "4"},
    UsualArgument{"H", "4"},
    UsualArgument{"out_features", "5"},
    UsualArgument{"out_channels", "5"},
    UsualArgument{"out_dim", "5"},
    UsualArgument{"dim_out", "5"},
    UsualArgument{"output_dim", "5"},
    UsualArgument{"output_size", "5"},
    UsualArgument{"out_size", "5"},
    UsualArgument{"n_out", "5"},
    UsualArgument{"num_outputs", "5"},
    UsualArgument{"n_outputs", "5"},
    UsualArgument{"nout", "5"},
    UsualArgument{"fan_out", "5"},
    UsualArgument{"num_classes", "5"},
    UsualArgument{"n_classes", "5"},
    UsualArgument{"num_heads", "2"},
    UsualArgument{"n_heads", "2"},
    UsualArgument{"G", "3"},
    UsualArgument{"Qn", "-4"},
    UsualArgument{"Qp", "3"},
    UsualArgument{"groups", "1"},
    UsualArgument{"num_groups", "1"},
    UsualArgument{"conv_param", "{\"stride\": 1, \"pad\": 1}"},
    UsualArgument{"pool_param", "{\"pool_height\": 2, \"pool_width\": 2, \"stride\": 2}"},
    UsualArgument{"bn_param", "{\"mode\": \"train\"}"},
    UsualArgument{"ln_param", "{}"},
    UsualArgument{"gn_param", "{}"},
    UsualArgument{"dropout_param", "{\"p\": 0.8, \"mode\": \"train\", \"seed\": 1}"}};

std::string message_of(const std::string& entry, const std::vector<std::string>& names) {
  std::vector<std::string> tensors, arguments, quoted;
  for (const std::string& name : names) {
    quoted.push_back("'" + name + "'");
    if (const auto json = usual_argument(name))
      arguments.push_back(fmt::format("\"{}\": {}", name, *json));
    else
      tensors.push_back(fmt::format("\"{}\": {{\"shape\": [4, 3], \"init\": \"normal\"}}", name));
  }
  std::string text = fmt::format(
      "{} needs {}, which the case does not give; add, with your own shapes and values: ", entry,
      fmt::join(quoted, ", "));
  if (!tensors.empty()) text += fmt::format("\"inputs\": {{{}}}", fmt::join(tensors, ", "));
  if (!arguments.empty())
    text += fmt::format("{}\"program\": {{…, \"arguments\": {{{}}}}}", tensors.empty() ? "" : ", ",
                        fmt::join(arguments, ", "));
  return text;
}

}  // namespace

std::optional<std::string> usual_argument(const std::string& name) {
  for (const UsualArgument& usual : usual_arguments)
    if (name == usual.name) return usual.json;
  return std::nullopt;
}

MissingValues::MissingValues(const std::string& entry, std::vector<std::string> names)
    : SubjectError(std::nullopt, message_of(entry, names)), names_(std::move(names)) {}

}  // namespace gradient_check
