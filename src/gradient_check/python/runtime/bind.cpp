#include <algorithm>

#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

using ast::ParameterKind;

/// "'a', 'b', and 'c'", as Python lists missing arguments.
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_last = i + 1 == names.size();
    if (i != 0) text += names.size() == 2 ? " and " : is_last ? ", and " : ", ";
    text += "'" + names[i] + "'";
  }
  return text;
}

/// Binds one call's arguments to one function's parameters.
class ArgumentBinder {
 public:
  ArgumentBinder(Interpreter& interpreter, const Function& function, const Arguments& arguments,
                 Value* slots)
      : interpreter_(interpreter),
        function_(function),
        parameters_(*function.scope.parameters),
        arguments_(arguments),
        slots_(slots) {}

  void run() {
    bind_positional();
    bind_keywords();
    fill_defaults();
  }

 private:
  static bool takes_position(const ast::Parameter& parameter) {
    return parameter.kind == ParameterKind::positional_only ||
           parameter.kind == ParameterKind::positional_or_keyword;
  }

  void bind_positional() {
    std::size_t next = 0;
    for (std::size_t i = 0; i < parameters_.size() && takes_position(parameters_[i]); ++i)
      if (next < arguments_.positional()) slots_[i] = arguments_[next++];
    const auto rest = find(ParameterKind::var_positional);
    if (rest < parameters_.size()) {
      std::vector<Value> others(arguments_.values + next,
                                arguments_.values + arguments_.positional());
      slots_[rest] = make<Tuple>(std::move(others));
    } else if (next < arguments_.positional()) {
      raise_too_many();
    }
  }

  void bind_keywords() {
    const auto rest = find(ParameterKind::var_keyword);
    if (rest < parameters_.size()) slots_[rest] = make<Dict>(interpreter_.heap);
    for (std::size_t k = 0; k < arguments_.keywords; ++k) {
      const std::string& name = arguments_.name(k);
      const auto named = std::find_if(parameters_.begin(), parameters_.end(), [&](const auto& p) {
        return p.name == name && (p.kind == ParameterKind::positional_or_keyword ||
                                  p.kind == ParameterKind::keyword_only);
      });
      const auto index = static_cast<std::size_t>(named - parameters_.begin());
      if (named == parameters_.end()) {
        if (rest == parameters_.size()) raise_if_positional_only();
        if (rest == parameters_.size())
          type_error("{}() got an unexpected keyword argument '{}'", function_.scope.qualified_name,
                     name);
        slots_[rest].as<Dict>().set(arguments_.names[k].as<Text>(), arguments_.named(k));
      } else if (slots_[index].is_set()) {
        type_error("{}() got multiple values for argument '{}'", function_.scope.qualified_name,
                   name);
      } else {
        slots_[index] = arguments_.named(k);
      }
    }
  }

  void fill_defaults() {
    std::vector<std::string> missing, missing_keywords;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (slots_[i].is_set()) continue;
      if (function_.defaults[i].is_set())
        slots_[i] = function_.defaults[i];
      else if (takes_position(parameters_[i]))
        missing.push_back(parameters_[i].name);
      else if (parameters_[i].kind == ParameterKind::keyword_only)
        missing_keywords.push_back(parameters_[i].name);
    }
    raise_missing(missing, "positional");
    raise_missing(missing_keywords, "keyword-only");
  }

  /// Names that may only be given by position are told together.
  void raise_if_positional_only() const {
    std::string names;
    for (const auto& parameter : parameters_)
      for (std::size_t k = 0; k < arguments_.keywords; ++k)
        if (parameter.kind == ParameterKind::positional_only &&
            parameter.name == arguments_.name(k))
          names += (names.empty() ? "" : ", ") + parameter.name;
    if (!names.empty())
      type_error("{}() got some positional-only arguments passed as keyword arguments: '{}'",
                 function_.scope.qualified_name, names);
  }

  void raise_missing(const std::vector<std::string>& missing, const char* kind) const {
    if (missing.empty()) return;
    type_error("{}() missing {} required {} argument{}: {}", function_.scope.qualified_name,
               missing.size(), kind, missing.size() == 1 ? "" : "s", listed(missing));
  }

  [[noreturn]] void raise_too_many() const {
    std::size_t most = 0, defaults = 0;
    for (std::size_t i = 0; i < parameters_.size() && takes_position(parameters_[i]); ++i) {
      ++most;
      if (function_.defaults[i].is_set()) ++defaults;
    }
    const std::size_t given = arguments_.positional();
    const std::string takes =
        defaults ? fmt::format("from {} to {}", most - defaults, most) : fmt::format("{}", most);
    type_error("{}() takes {} positional argument{} but {} {} given",
               function_.scope.qualified_name, takes, most == 1 && !defaults ? "" : "s", given,
               given == 1 ? "was" : "were");
  }

  std::size_t find(ParameterKind kind) const {
    const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                    [&](const auto& parameter) { return parameter.kind == kind; });
    return static_cast<std::size_t>(found - parameters_.begin());
  }

  Interpreter& interpreter_;
  const Function& function_;
  const std::vector<ast::Parameter>& parameters_;
  const Arguments& arguments_;
  Value* slots_;
};

bool all_by_position(const std::vector<ast::Parameter>& parameters) {
  return std::all_of(parameters.begin(), parameters.end(), [](const auto& parameter) {
    return parameter.kind == ParameterKind::positional_or_keyword;
  });
}

}  // namespace

void bind_arguments(Interpreter& interpreter, const Function& function, const Arguments& arguments,
                    Value* slots) {
  if (!function.scope.parameters) {  // a generator expression
    slots[0] = arguments[0];
    return;
  }
  const auto& parameters = *function.scope.parameters;
  if (arguments.keywords == 0 && arguments.count == parameters.size() &&
      all_by_position(parameters)) {
    std::copy(arguments.values, arguments.values + arguments.count, slots);
    return;
  }
  ArgumentBinder(interpreter, function, arguments, slots).run();
}

}  // namespace gradient_check::python
