#include "gradient_check/subject/program/entries/value_candidates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "gradient_check/subject/program/entries/missing_values.h"

namespace gradient_check {
namespace {

using Shapes = std::vector<std::string>;

// Sizes differ from one another, so that what is transposed does not fit: 4 rows, 3 columns, 5
// units, and for convolutions 2 pictures with 3 channels. "classes" are integers.
const Shapes data_shapes{"4, 3", "2, 3, 6, 6", "2, 4, 3", "6", "3, 4", "3, 6, 6", "6, 6", ""};
const Shapes weight_shapes{"3, 5", "5, 3",    "5, 3, 3, 3", "3, 3",  "5, 4",
                           "3",    "1, 3, 3", "3, 20",      "5, 20", "4, 5"};
const Shapes bias_shapes{"5", "3", "5, 1", "1, 5", "1, 3", "20", "4, 1", "1, 3, 1, 1"};
const Shapes hidden_shapes{"4, 5", "4, 3", "5", "3", "5, 1"};
const Shapes target_shapes{"classes", "4, 3", "4, 5", "4, 1", "4", "1, 4", "2, 4, 3"};
const Shapes scalar_shapes{"", "3", "4, 3", "5"};
const Shapes other_shapes{"4, 3", "3",       "4, 5", "3, 5",       "5, 3", "5", "2, 4, 3",
                          "4, 1", "classes", "6",    "2, 3, 6, 6", "4",    ""};

bool is_one_of(const std::string& name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

const Shapes& shapes_for(const std::string& name) {
  const std::string low = lowered(name);
  if (is_target_name(name)) return target_shapes;
  if (is_data_name(name)) return data_shapes;
  if (low.find("prev") != std::string::npos || low.find("hidden") != std::string::npos ||
      is_one_of(low, {"h", "c", "h0", "c0", "h_t", "c_t", "state"}))
    return hidden_shapes;
  if (low[0] == 'w' || low.find("weight") != std::string::npos ||
      is_one_of(low, {"kernel", "filters", "theta", "u"}))
    return weight_shapes;
  if (is_one_of(low, {"alpha", "scale", "s", "step", "tau", "factor"})) return scalar_shapes;
  if (low[0] == 'b' || is_one_of(low, {"gamma", "g"})) return bias_shapes;
  return other_shapes;
}

std::string json_of(const std::string& shape) {
  if (shape == "classes") return R"({"data": [0, 2, 1, 2], "dtype": "int64"})";
  if (shape.empty()) return "0.7";
  return fmt::format(R"({{"shape": [{}], "init": "normal"}})", shape);
}

}  // namespace

bool is_target_name(const std::string& name) {
  const std::string low = lowered(name);
  return is_one_of(low, {"y", "t", "target", "targets", "label", "labels", "y_true", "ytrue", "gt",
                         "y_batch", "truth", "y_train"});
}

bool is_data_name(const std::string& name) {
  const std::string low = lowered(name);
  return is_one_of(low, {"x", "input", "inputs", "inp", "data", "a", "z", "images", "image", "img",
                         "batch", "x_in", "features", "xs", "input_", "x_batch", "input_data"});
}

std::string tensor_json(const std::string& name, const std::vector<std::int64_t>& shape) {
  if (!is_target_name(name) || shape.size() != 1)
    return json_of(fmt::format("{}", fmt::join(shape, ", ")));
  std::vector<std::int64_t> classes;
  for (std::int64_t i = 0; i < shape[0]; ++i) classes.push_back((2 * i) % 3);
  return fmt::format(R"({{"data": [{}], "dtype": "int64"}})", fmt::join(classes, ", "));
}

std::vector<ValueCandidate> candidates_for(const std::string& name) {
  std::vector<ValueCandidate> candidates;
  if (const auto usual = usual_argument(name)) candidates.push_back({false, *usual});
  Shapes shapes = shapes_for(name);
  for (const std::string& shape : other_shapes)
    if (std::find(shapes.begin(), shapes.end(), shape) == shapes.end()) shapes.push_back(shape);
  for (const std::string& shape : shapes) candidates.push_back({true, json_of(shape)});
  if (candidates.front().is_tensor)
    for (const char* json : {"2", "0.5", "true"}) candidates.push_back({false, json});
  return candidates;
}

}  // namespace gradient_check
