#include "gradient_check/diagnosis/blame/naming.h"

#include <algorithm>
#include <cctype>

#include "gradient_check/diagnosis/blame/edit.h"

namespace gradient_check {
namespace {

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.size() > prefix.size() && text.compare(0, prefix.size(), prefix) == 0;
}
bool ends_with(const std::string& text, const std::string& suffix) {
  return text.size() > suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

/// Looks for what one write's name speaks of. See values_named_by.
class Naming {
 public:
  Naming(const Write& write, const Trace& manual, const std::vector<KnownValue>& known,
         const PairingRules& rules)
      : write_(write),
        manual_(manual),
        known_(known),
        rules_(rules),
        bases_(adjoint_bases(write.name)) {}

  NamedValues run() {
    for (const auto& [adjoint, base] : rules_.adjoints)
      if (adjoint == write_.name) add(base, true);
    if (!found_.values.empty() || rules_.distrusted.count(write_.name)) return found_;
    if (is_returned_by_backward()) add_arguments();
    for (const std::string& base : bases_) add(base, true);
    if (found_.values.empty()) add(write_.name, false);
    if (found_.values.empty()) add_larger();
    if (found_.values.empty()) add_of_other_shape();
    if (found_.values.empty()) add_last_unclaimed();
    return found_;
  }

 private:
  /// What a backward that is called gives back: the adjoints of what its forward was given.
  bool is_returned_by_backward() const {
    return !write_.is_entry && !write_.scope.empty() && write_.statement &&
           write_.statement->kind == StatementKind::result &&
           write_.name.find("backward") != std::string::npos;
  }

  void add_arguments() {
    for (const KnownValue& value : known_)
      if (value.kind == ValueKind::adjoint && value.is_argument && value.scope == write_.scope &&
          value.tensor.sizes() == write_.value.sizes())
        found_.values.push_back(&value);
  }

  void add(const std::string& base, bool adjoint) {
    for (const KnownValue& value : known_) {
      const bool kind = adjoint ? value.kind == ValueKind::adjoint || value.kind == ValueKind::share
                                : value.kind == ValueKind::value;
      if (kind && value.scope == write_.scope &&
          (value.name == base || (adjoint && value.text == base)) &&
          value.tensor.sizes() == write_.value.sizes())
        found_.values.push_back(&value);
    }
  }

  /// Adjoints that the write would broadcast to: it lacks a factor.
  void add_larger() {
    for (const std::string& base : bases_)
      for (const KnownValue& value : known_)
        if (value.kind == ValueKind::adjoint && value.name == base && value.scope == write_.scope &&
            write_.value.numel() > 1 && value.tensor.dim() == write_.value.dim() &&
            broadcasts(write_.value.sizes(), value.tensor.sizes()))
          found_.values.push_back(&value);
  }

  /// The forward's value of that name where it has as many dimensions: a reduction may be the wrong
  /// one.
  void add_of_other_shape() {
    for (const KnownValue& value : known_)
      if (value.kind == ValueKind::value && value.name == write_.name && value.line > 0 &&
          value.scope == write_.scope && write_.iteration.empty() &&
          value.tensor.dim() == write_.value.dim() && value.tensor.sizes() != write_.value.sizes())
        found_.values.push_back(&value);
  }

  /// Outside of loops, where several variables of a name stand for several values.
  void add_last_unclaimed() {
    if (bases_.empty() || write_.value.numel() < 2 || !write_.iteration.empty()) return;
    const KnownValue* only = nullptr;
    for (const KnownValue& value : known_) {
      if (value.kind != ValueKind::adjoint || value.name.empty() || value.line == 0 ||
          value.scope != write_.scope || value.tensor.sizes() != write_.value.sizes() ||
          is_claimed(value.name))
        continue;
      if (only && only->name != value.name) return;
      only = &value;
    }
    if (!only) return;
    found_.values.push_back(only);
    found_.guess = only;
  }

  /// Whether a variable's name says that it is the adjoint of `name`.
  bool is_claimed(const std::string& name) const {
    return std::any_of(manual_.writes.begin(), manual_.writes.end(), [&](const Write& write) {
      const std::vector<std::string> bases = adjoint_bases(write.name);
      return !write.is_entry && std::find(bases.begin(), bases.end(), name) != bases.end();
    });
  }

  const Write& write_;
  const Trace& manual_;
  const std::vector<KnownValue>& known_;
  const PairingRules& rules_;
  const std::vector<std::string> bases_;
  NamedValues found_;
};

}  // namespace

namespace {

/// What the adjoints of a variable alone are named after.
std::vector<std::string> bases_of_variable(const std::string& name) {
  std::vector<std::string> bases;
  for (const char* prefix : {"d_", "grad_", "g_", "delta_", "dL_d", "dl_d", "dloss_d", "d_loss_d_",
                             "dL_d_", "dJ_d", "adj_", "bar_", "d"})
    if (starts_with(name, prefix)) bases.push_back(name.substr(std::string(prefix).size()));
  for (const char* suffix : {"_grad", "_g", "_bar", "_delta", "_adj", "_d"})
    if (ends_with(name, suffix))
      bases.push_back(name.substr(0, name.size() - std::string(suffix).size()));
  // dW for w, dZ1 for z1.
  const std::size_t count = bases.size();
  for (std::size_t i = 0; i < count; ++i) {
    std::string lower = bases[i];
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower != bases[i]) bases.push_back(lower);
  }
  return bases;
}

/// Whether a container's name says that it holds gradients: grads["w"] is one of `w`.
bool holds_gradients(const std::string& name) {
  return name == "grads" || name == "grad" || name == "gradients" || name == "dparams" ||
         name == "derivatives";
}

}  // namespace

std::vector<std::string> adjoint_bases(const std::string& name) {
  const std::size_t open = name.rfind('[');
  const std::size_t dot = name.rfind('.');
  if (open == std::string::npos && dot == std::string::npos) return bases_of_variable(name);
  const bool is_item = open != std::string::npos && (dot == std::string::npos || open > dot);
  const std::size_t at = is_item ? open : dot;
  const std::string container = name.substr(0, at);
  std::string last = name.substr(at + 1);
  if (is_item) last = last.substr(0, last.find(']'));
  std::erase(last, '"');
  std::vector<std::string> lasts = bases_of_variable(last);
  const std::size_t begin = container.rfind('.');
  const std::string holder = container.substr(begin == std::string::npos ? 0 : begin + 1);
  const std::string around = begin == std::string::npos ? "" : container.substr(0, begin + 1);
  if (holds_gradients(holder)) lasts.push_back(last);
  std::vector<std::string> bases;
  for (const std::string& each : lasts) {
    bases.push_back(is_item ? around + each : container + "." + each);
    if (is_item)
      for (const char* parameters : {"params", "parameters", "weights"})
        bases.push_back(around + parameters + "[\"" + each + "\"]");
    bases.push_back(each);
  }
  return bases;
}

NamedValues values_named_by(const Write& write, const Trace& manual,
                            const std::vector<KnownValue>& known, const PairingRules& rules) {
  return Naming(write, manual, known, rules).run();
}

}  // namespace gradient_check
