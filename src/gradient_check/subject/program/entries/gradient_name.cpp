#include "gradient_check/subject/program/entries/gradient_name.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace gradient_check {
namespace {

constexpr std::array gradient_prefixes{"d",    "d_",        "grad_",  "grad",    "g",    "g_",
                                       "dL_d", "dl_d",      "dJ_d",   "dloss_d", "dE_d", "del_",
                                       "dLd",  "gradient_", "nabla_", "delta_",  "dldw_"};
constexpr std::array gradient_suffixes{"_grad", "_gradient", "_g", "_d", "grad", "_grads", "_bar"};

/// Names that people use for one thing.
const std::vector<std::vector<std::string>>& synonyms() {
  static const std::vector<std::vector<std::string>> sets{
      {"weights", "weight", "w", "kernel", "kernels", "filters", "filter"},
      {"biases", "bias", "b"},
      {"gamma", "scale"},
      {"beta", "shift"}};
  return sets;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// The name itself, and what else people would call it.
std::vector<std::string> with_synonyms(const std::string& name) {
  std::vector<std::string> names{name};
  for (const auto& set : synonyms())
    if (std::find(set.begin(), set.end(), lower_case(name)) != set.end())
      for (const std::string& other : set) {
        names.push_back(other);
        std::string upper = other;
        upper[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(upper[0])));
        names.push_back(upper);
      }
  return names;
}

bool is_called(const std::string& gradient, const std::string& tensor, bool loosely) {
  if (!loosely) {
    const auto names = gradient_names_of(tensor);
    return std::find(names.begin(), names.end(), gradient) != names.end();
  }
  for (const std::string& other : with_synonyms(tensor))
    for (const std::string& name : gradient_names_of(other))
      if (lower_case(name) == lower_case(gradient)) return true;
  return false;
}

/// The only one that `fits`; null if none, or several.
template <typename Fits>
const std::string* only(const std::vector<std::string>& tensors, const Fits& fits) {
  const std::string* found = nullptr;
  for (const std::string& tensor : tensors) {
    if (!fits(tensor)) continue;
    if (found) return nullptr;
    found = &tensor;
  }
  return found;
}

}  // namespace

std::string last_part(const std::string& name) {
  if (name.size() > 4 && name.ends_with("\"]")) {
    const std::size_t begin = name.rfind("[\"");
    if (begin != std::string::npos) return name.substr(begin + 2, name.size() - begin - 4);
  }
  std::string rest = name;
  while (true) {
    const std::size_t dot = rest.rfind('.');
    if (dot == std::string::npos) return rest;
    const std::string part = rest.substr(dot + 1);
    if (part.empty() ||
        !std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isdigit(c); }))
      return part;
    rest.resize(dot);
  }
}

std::vector<std::string> gradient_names_of(const std::string& tensor) {
  std::vector<std::string> names;
  for (const char* prefix : gradient_prefixes) names.push_back(prefix + tensor);
  for (const char* suffix : gradient_suffixes) names.push_back(tensor + suffix);
  return names;
}

const std::string* tensor_of_gradient(const std::string& gradient,
                                      const std::vector<std::string>& tensors) {
  const auto exact = std::find(tensors.begin(), tensors.end(), gradient);
  if (exact != tensors.end()) return &*exact;
  if (const auto* found = only(tensors, [&](const auto& t) { return last_part(t) == gradient; }))
    return found;
  for (const bool loosely : {false, true}) {
    if (const auto* found =
            only(tensors, [&](const auto& t) { return is_called(gradient, t, loosely); }))
      return found;
    if (const auto* found = only(
            tensors, [&](const auto& t) { return is_called(gradient, last_part(t), loosely); }))
      return found;
  }
  return nullptr;
}

bool says_cotangent(const std::string& argument) {
  const std::string name = lower_case(argument);
  if (name.find("grad") != std::string::npos || name.find("delta") != std::string::npos ||
      name.find("upstream") != std::string::npos || name.find("cotangent") != std::string::npos)
    return true;
  for (const char* exact : {"g", "v", "err", "error", "dy", "dz", "dl", "eta_out"})
    if (name == exact) return true;
  return name.size() > 1 && (name[0] == 'd' || name.rfind("g_", 0) == 0) && name != "data" &&
         name != "dim" && name != "dims" && name != "dtype" && name != "device" &&
         name != "dilation" && name != "dropout" && name != "dropout_param" && name != "dictionary";
}

bool is_learning_rate(const std::string& name) {
  constexpr std::array names{"lr", "learning_rate", "learn_rate", "step_size", "eta"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace gradient_check
