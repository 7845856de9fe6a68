#include "gradient_check/subject/program/name_resolver.h"

#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/frontend/error_report.h>
#include <torch/csrc/jit/frontend/sugared_value.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <set>

#include "gradient_check/case/suggest.h"
#include "gradient_check/subject/library.h"
#include "gradient_check/subject/program/confinement.h"
#include "gradient_check/subject/program/functional.h"

namespace gradient_check {
namespace {

using torch::jit::ErrorReport;
using torch::jit::GraphFunction;
using torch::jit::SourceRange;
using torch::jit::SugaredValue;
using SugaredPtr = std::shared_ptr<SugaredValue>;

const std::map<std::string, at::ScalarType>& torch_dtypes() {
  static const std::map<std::string, at::ScalarType> dtypes{{"float32", at::kFloat},
                                                            {"float", at::kFloat},
                                                            {"float64", at::kDouble},
                                                            {"double", at::kDouble},
                                                            {"float16", at::kHalf},
                                                            {"half", at::kHalf},
                                                            {"bfloat16", at::kBFloat16},
                                                            {"int64", at::kLong},
                                                            {"long", at::kLong},
                                                            {"int32", at::kInt},
                                                            {"int", at::kInt},
                                                            {"int16", at::kShort},
                                                            {"int8", at::kChar},
                                                            {"uint8", at::kByte},
                                                            {"bool", at::kBool},
                                                            {"complex64", at::kComplexFloat},
                                                            {"complex128", at::kComplexDouble}};
  return dtypes;
}

const std::map<std::string, double>& math_constants() {
  static const std::map<std::string, double> constants{
      {"pi", std::numbers::pi},
      {"e", std::numbers::e},
      {"tau", 2 * std::numbers::pi},
      {"inf", std::numeric_limits<double>::infinity()},
      {"nan", std::numeric_limits<double>::quiet_NaN()}};
  return constants;
}

/// Parts of torch that are no computation.
bool is_refused(const std::string& field) {
  static const std::set<std::string> refused{"load", "cuda", "classes", "library", "utils", "hub"};
  return refused.count(field) != 0;
}

SugaredPtr constant(GraphFunction& function, const SourceRange& range, const at::IValue& value) {
  return std::make_shared<torch::jit::SimpleValue>(function.graph()->insertConstant(value, range));
}

SugaredPtr qualified(const std::string& path, GraphFunction& function, const SourceRange& range);

/// A Python module under its qualified name.
class Namespace : public SugaredValue {
 public:
  explicit Namespace(std::string path) : path_(std::move(path)) {}
  std::string kind() const override { return "module " + path_; }
  SugaredPtr attr(const SourceRange& range, GraphFunction& function,
                  const std::string& field) override {
    return qualified(path_ + "." + field, function, range);
  }

 private:
  std::string path_;
};

/// Every name that stands for an operator of LibTorch's comes here, whatever module it was asked
/// of.
SugaredPtr builtin(const std::string& name, const SourceRange& range) {
  if (const std::string_view why = why_refused("aten::" + name); !why.empty())
    throw ErrorReport(range) << name << " may not be used in a program: " << std::string(why);
  return std::make_shared<torch::jit::BuiltinFunction>(
      c10::Symbol::fromQualString("aten::" + name), decltype(torch::jit::BuiltinFunction::self){});
}

/// torch.nn.functional.unfold and fold: operators of other names, whose sizes may be one integer
/// for both dimensions, which a TorchScript function of ours could not declare.
class Sliding : public SugaredValue {
 public:
  explicit Sliding(bool fold) : fold_(fold) {}
  std::string kind() const override { return fold_ ? "function fold" : "function unfold"; }
  SugaredPtr call(const SourceRange& range, GraphFunction& function,
                  at::ArrayRef<torch::jit::NamedValue> args,
                  at::ArrayRef<torch::jit::NamedValue> kwargs, size_t binders) override {
    std::vector<std::string> names{"self", "kernel_size", "dilation", "padding", "stride"};
    if (fold_) names.insert(names.begin() + 1, "output_size");
    if (args.size() > names.size())
      throw ErrorReport(range) << kind() << " takes at most " << names.size() << " arguments";
    std::vector<torch::jit::NamedValue> named;
    std::set<std::string> given;
    const auto add = [&](const std::string& name, torch::jit::Value* value) {
      given.insert(name);
      named.emplace_back(range, name, value);
    };
    for (std::size_t i = 0; i < args.size(); ++i) add(names[i], args[i].value(*function.graph()));
    for (const auto& argument : kwargs)
      add(argument.name() == "input" ? "self" : argument.name(), argument.value(*function.graph()));
    const std::pair<const char*, std::int64_t> fallbacks[] = {
        {"dilation", 1}, {"padding", 0}, {"stride", 1}};
    for (const auto& [name, fallback] : fallbacks)
      if (!given.count(name)) add(name, function.graph()->insertConstant(fallback, range));
    return builtin(fold_ ? "col2im" : "im2col", range)->call(range, function, {}, named, binders);
  }

 private:
  bool fold_;
};

/// An operator by its namespace: LibTorch's own, or that of a library that the command line names.
SugaredPtr operator_of(const std::string& space, const std::string& name,
                       const SourceRange& range) {
  if (space == "aten") return builtin(name, range);
  const std::vector<std::string>& known = loaded_operators();
  const std::string wanted = space + "::" + name;
  if (std::find(known.begin(), known.end(), wanted) != known.end())
    return std::make_shared<torch::jit::BuiltinFunction>(
        c10::Symbol::fromQualString(wanted), decltype(torch::jit::BuiltinFunction::self){});
  if (known.empty())
    throw ErrorReport(range) << "torch.ops." << space << "." << name
                             << " needs its library: --load LIBRARY.so on the command line";
  throw ErrorReport(range) << "torch.ops." << space << "." << name
                           << " is not among the loaded operators" << suggest(wanted, known);
}

SugaredPtr qualified(const std::string& path, GraphFunction& function, const SourceRange& range) {
  static const std::set<std::string> modules{"torch",         "torch.nn",     "torch.nn.functional",
                                             "torch.special", "torch.linalg", "torch.fft",
                                             "math"};
  if (modules.count(path)) return std::make_shared<Namespace>(path);
  if (path == "torch.ops") return std::make_shared<Namespace>(path);
  const std::size_t dot = path.rfind('.');
  const std::string module = path.substr(0, dot), field = path.substr(dot + 1);
  if (module == "torch.ops") return std::make_shared<Namespace>(path);
  if (module.starts_with("torch.ops.")) return operator_of(module.substr(10), field, range);
  if (is_refused(field) && module == "torch")
    throw ErrorReport(range) << "torch." << field << " cannot be used in a program: it reaches "
                             << "outside of the computation under test";
  if (module == "torch.nn.functional") {
    if (field == "unfold" || field == "fold") return std::make_shared<Sliding>(field == "fold");
    if (torch::jit::Function* known = functional(field))
      return std::make_shared<torch::jit::FunctionValue>(known);
    return builtin(field, range);
  }
  if (module == "torch.nn")
    throw ErrorReport(range) << "torch.nn." << field
                             << " is a module class, which a program cannot "
                             << "make; use torch.nn.functional or torch operators";
  if (module == "torch")
    if (const auto dtype = torch_dtypes().find(field); dtype != torch_dtypes().end())
      return constant(function, range, static_cast<std::int64_t>(dtype->second));
  if (module == "torch" || module == "math")
    if (const auto number = math_constants().find(field); number != math_constants().end())
      return constant(function, range, number->second);
  if (module == "torch.special" || module == "torch.linalg" || module == "torch.fft")
    return builtin(module.substr(6) + "_" + field, range);
  return builtin(field, range);
}

}  // namespace

SugaredPtr NameResolver::resolveValue(const std::string& name, GraphFunction& function,
                                      const SourceRange& range) {
  if (functions_)
    if (torch::jit::Function* known = functions_->find_function(c10::QualifiedName(name)))
      return std::make_shared<torch::jit::FunctionValue>(known);
  if (const auto number = constants_.find(name); number != constants_.end())
    return constant(function, range,
                    std::visit([](auto value) { return at::IValue(value); }, number->second));
  if (const auto module = modules_.find(name); module != modules_.end())
    return qualified(module->second, function, range);
  if (name == "torch" || name == "math") return qualified(name, function, range);
  if (name == "F") return qualified("torch.nn.functional", function, range);
  if (name == "nn") return qualified("torch.nn", function, range);
  if (name == "_reduction")
    return std::make_shared<torch::jit::FunctionValue>(functional("_reduction"));
  return nullptr;
}

torch::jit::TypePtr NameResolver::resolveType(const std::string&, const SourceRange&) {
  return nullptr;
}

}  // namespace gradient_check
