#include "gradient_check/diagnosis/blame/derived_values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>
#include <fmt/format.h>

#include <algorithm>

namespace gradient_check {
namespace {

/// "log_softmax" of "F.log_softmax(z / T, 1)"; empty where the text is not one call.
std::string called_function(const std::string& text) {
  const std::size_t open = text.find('(');
  if (open == std::string::npos || text.back() != ')') return "";
  const std::size_t dot = text.rfind('.', open);
  const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
  return text.substr(begin, open - begin);
}

/// The first argument's text.
std::string first_argument(const std::string& text) {
  const std::size_t open = text.find('(');
  int depth = 0;
  for (std::size_t i = open + 1; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == '[') ++depth;
    if (depth == 0 && (text[i] == ',' || text[i] == ')'))
      return text.substr(open + 1, i - open - 1);
    if (text[i] == ')' || text[i] == ']') --depth;
  }
  return "";
}

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* other) { return name == other; });
}

/// The value of `text` on that line; null where it was not followed.
const KnownValue* value_of(const std::vector<KnownValue>& known, const std::string& text,
                           const KnownValue& call) {
  const KnownValue* found = nullptr;
  for (const KnownValue& value : known)
    if (value.kind == ValueKind::value && value.text == text && value.line <= call.line &&
        (value.iteration.empty() || value.iteration == call.iteration))
      found = &value;
  return found;
}

}  // namespace

void add_derived_values(std::vector<KnownValue>& known) {
  std::vector<KnownValue> derived;
  const auto add = [&](const KnownValue& call, std::string text, at::Tensor value) {
    derived.push_back({ValueKind::value, "", std::move(text), std::move(value), call.line,
                       call.iteration, "", false, call.scope, false, true});
  };
  for (const KnownValue& call : known) {
    if (call.kind != ValueKind::value || !call.name.empty()) continue;
    const std::string function = called_function(call.text);
    if (function == "log_softmax") {
      add(call, fmt::format("exp({})", call.text), call.tensor.exp());
    } else if (is_one_of(function, {"cross_entropy", "binary_cross_entropy_with_logits", "softplus",
                                    "logsigmoid"})) {
      const std::string argument = first_argument(call.text);
      const KnownValue* logits = value_of(known, argument, call);
      if (!logits || logits->tensor.dim() == 0) continue;
      if (function == "cross_entropy")
        add(call, fmt::format("softmax({})", argument),
            at::softmax(logits->tensor, logits->tensor.dim() > 1 ? 1 : 0));
      else
        add(call, fmt::format("sigmoid({})", argument), logits->tensor.sigmoid());
    }
  }
  known.insert(known.end(), derived.begin(), derived.end());
}

}  // namespace gradient_check
