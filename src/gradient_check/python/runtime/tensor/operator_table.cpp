#include "gradient_check/python/runtime/tensor/operator_table.h"

#include <ATen/core/jit_type.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <set>

namespace gradient_check::python {
namespace {

using c10::TypeKind;

ParameterType element_list(const c10::TypePtr& element) {
  switch (element->kind()) {
    case TypeKind::IntType:
    case TypeKind::SymIntType:
      return ParameterType::integers;
    case TypeKind::FloatType:
      return ParameterType::reals;
    case TypeKind::BoolType:
      return ParameterType::booleans;
    case TypeKind::NumberType:
      return ParameterType::scalars;
    case TypeKind::TensorType:
      return ParameterType::tensors;
    case TypeKind::OptionalType:
      return ParameterType::optional_tensors;
    default:
      return ParameterType::other;
  }
}

/// dtype, layout and memory_format are ints in older schemas; their names tell.
ParameterType integer_or_type(const std::string& name) {
  if (name == "dtype" || name == "type1" || name == "type2") return ParameterType::dtype;
  if (name == "layout") return ParameterType::layout;
  if (name == "memory_format") return ParameterType::memory_format;
  return ParameterType::integer;
}

ParameterType parameter_type(const std::string& name, const c10::TypePtr& type) {
  switch (type->kind()) {
    case TypeKind::TensorType:
      return ParameterType::tensor;
    case TypeKind::NumberType:
      return ParameterType::scalar;
    case TypeKind::IntType:
    case TypeKind::SymIntType:
      return integer_or_type(name);
    case TypeKind::FloatType:
      return ParameterType::real;
    case TypeKind::BoolType:
      return ParameterType::boolean;
    case TypeKind::StringType:
      return ParameterType::string;
    case TypeKind::DeviceObjType:
      return ParameterType::device;
    case TypeKind::GeneratorType:
      return ParameterType::generator;
    case TypeKind::ScalarTypeType:
      return ParameterType::dtype;
    case TypeKind::LayoutType:
      return ParameterType::layout;
    case TypeKind::MemoryFormatType:
      return ParameterType::memory_format;
    case TypeKind::ListType:
      return element_list(type->castRaw<c10::ListType>()->getElementType());
    default:
      return ParameterType::other;
  }
}

OperatorParameter parameter_of(const c10::Argument& argument) {
  OperatorParameter parameter;
  parameter.name = argument.name();
  c10::TypePtr type = argument.type();
  if (const auto* optional = type->castRaw<c10::OptionalType>()) {
    parameter.is_optional = true;
    type = optional->getElementType();
  }
  parameter.type = parameter_type(parameter.name, type);
  parameter.keyword_only = argument.kwarg_only();
  if (argument.N()) parameter.length = *argument.N();
  if (argument.default_value()) parameter.default_value = *argument.default_value();
  return parameter;
}

std::optional<TupleFields> fields_of(const c10::FunctionSchema& schema) {
  if (schema.returns().size() < 2) return std::nullopt;
  TupleFields fields{"torch.return_types." + schema.name().substr(schema.name().find("::") + 2),
                     {}};
  for (const auto& result : schema.returns()) {
    if (result.name().empty()) return std::nullopt;
    fields.names.push_back(result.name());
  }
  return fields;
}

/// Operators whose `other` may be a number, as in PyTorch's python_arg_parser.cpp
/// (should_allow_numbers_as_tensors).
bool takes_numbers_as_tensors(std::string_view name) {
  constexpr std::array<std::string_view, 11> names{
      "add",      "sub",         "mul",          "div",  "divide", "multiply",
      "subtract", "true_divide", "floor_divide", "add_", "sub_"};
  constexpr std::array<std::string_view, 6> in_place{"mul_",      "div_",      "divide_",
                                                     "multiply_", "subtract_", "true_divide_"};
  return std::find(names.begin(), names.end(), name) != names.end() ||
         std::find(in_place.begin(), in_place.end(), name) != in_place.end() ||
         name == "floor_divide_";
}

/// Names of dimensions, strings as types, out= and the like are no part of programs' use.
bool is_usable(const Overload& overload) {
  const auto& schema = overload.handle.schema();
  for (const auto& argument : schema.arguments())
    if (argument.is_out()) return false;
  return std::none_of(overload.parameters.begin(), overload.parameters.end(), [](const auto& p) {
    return p.type == ParameterType::other && !p.is_optional && !p.default_value;
  });
}

/// A Tensor overload goes before one of a Scalar in the same place, as in PyTorch.
bool goes_before(const Overload& a, const Overload& b) {
  const std::size_t count = std::min(a.parameters.size(), b.parameters.size());
  for (std::size_t i = 0; i < count; ++i)
    if (a.parameters[i].type != b.parameters[i].type)
      return a.parameters[i].type < b.parameters[i].type;
  return a.parameters.size() < b.parameters.size();
}

/// Beside those that operator_names.cpp lists.
std::set<std::string>& allowed_operators() {
  static std::set<std::string> names;
  return names;
}

OperatorSet operators_named(const std::string& name) {
  OperatorSet set{name, {}, takes_numbers_as_tensors(name)};
  auto& dispatcher = c10::Dispatcher::singleton();
  for (const auto& operator_name : dispatcher.getAllOpNames()) {
    if (operator_name.name != (name.find("::") == name.npos ? "aten::" + name : name)) continue;
    if (const auto handle = dispatcher.findSchema(operator_name)) {
      Overload overload(*handle);
      if (is_usable(overload)) set.overloads.push_back(std::move(overload));
    }
  }
  std::stable_sort(set.overloads.begin(), set.overloads.end(), goes_before);
  return set;
}

}  // namespace

Overload::Overload(const c10::OperatorHandle& its_handle) : handle(its_handle) {
  const c10::FunctionSchema& schema = handle.schema();
  bool has_dtype = false, has_device = false;
  is_functional = true;
  for (const auto& argument : schema.arguments()) {
    parameters.push_back(parameter_of(argument));
    if (!argument.kwarg_only()) ++by_position;
    has_dtype = has_dtype || argument.name() == "dtype";
    has_device = has_device || argument.name() == "device";
    if (argument.alias_info()) is_functional = false;
  }
  makes_tensor = has_dtype && has_device;
  const bool one_tensor =
      schema.returns().size() == 1 && schema.returns()[0].type()->kind() == TypeKind::TensorType;
  const auto is_tensor = [&](std::size_t i) {
    const auto* alias = schema.arguments()[i].alias_info();
    return parameters[i].type == ParameterType::tensor && !parameters[i].is_optional &&
           !(alias && alias->isWrite());
  };
  is_unary = one_tensor && parameters.size() == 1 && is_tensor(0);
  is_binary = one_tensor && parameters.size() == 2 && is_tensor(0) && is_tensor(1);
  fields = fields_of(schema);
  gives_dtype = schema.name() == "aten::result_type" || schema.name() == "aten::promote_types";
}

void allow_operators(const std::vector<std::string>& names) {
  allowed_operators().insert(names.begin(), names.end());
}

const OperatorSet* find_operator(const std::string& full_name) {
  const std::string name = full_name.starts_with("aten::") ? full_name.substr(6) : full_name;
  if (!is_listed_operator(name) && !allowed_operators().contains(name)) return nullptr;
  // Shared by all threads: LibTorch's operators are one for the whole process too.
  static std::mutex mutex;
  static auto* sets = new std::map<std::string, OperatorSet>;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto [found, is_new] = sets->try_emplace(name);
  if (is_new) found->second = operators_named(name);
  return found->second.overloads.empty() ? nullptr : &found->second;
}

}  // namespace gradient_check::python
