#include "gradient_check/subject/program/program_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "gradient_check/subject/subject.h"

namespace gradient_check {
namespace {

std::vector<at::Tensor> tensors_in_result(const c10::IValue& value) {
  if (value.isTensor()) return {value.toTensor()};
  std::vector<at::Tensor> all;
  const auto append = [&](const c10::IValue& part) {
    const std::vector<at::Tensor> more = tensors_in_result(part);
    all.insert(all.end(), more.begin(), more.end());
  };
  if (value.isTuple())
    for (const c10::IValue& part : value.toTupleRef().elements()) append(part);
  else if (value.isList())
    for (const c10::IValue& part : value.toListRef()) append(part);
  return all;
}

/// What the program calls a value, "y" of "y.3"; nothing for one without a name.
std::string name_in_program(const torch::jit::Value& value) {
  const std::string name = value.debugName();
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0]))) return "";
  return name.substr(0, name.find('.'));
}

void add_names(const torch::jit::Value& returned, std::vector<std::string>& names) {
  if (returned.type()->kind() == c10::TypeKind::TensorType) {
    const std::string name = name_in_program(returned);
    names.push_back(name.empty() ? fmt::format("output {}", names.size()) : name);
    return;
  }
  const std::string kind = returned.node()->kind().toQualString();
  if (kind == "prim::TupleConstruct" || kind == "prim::ListConstruct")
    for (const torch::jit::Value* part : returned.node()->inputs()) add_names(*part, names);
}

}  // namespace

ProgramOutputs::ProgramOutputs(
    const std::function<std::vector<at::Tensor>(const NamedTensors&)>& forward,
    const NamedTensors& tensors, std::vector<std::string> names)
    : several_(true), outputs_(Outputs::learned(forward, tensors)), names_(std::move(names)) {
  if (!outputs_.any())
    throw SubjectError(std::nullopt, "no output of forward can be differentiated");
  for (std::size_t i = names_.size(); i < outputs_.total(); ++i)
    names_.push_back(fmt::format("output {}", i));
}

ProgramOutputs::ProgramOutputs(const CompiledFunction& forward, const NamedTensors& tensors) {
  const torch::jit::Value& returned = *forward.graph().outputs().at(0);
  if (returned.type()->kind() == c10::TypeKind::TensorType) return;
  std::vector<std::string> names;
  add_names(returned, names);
  *this = ProgramOutputs(
      [&](const NamedTensors& values) { return tensors_in_result(forward.run(values).at(0)); },
      tensors, std::move(names));
}

bool ProgramOutputs::are_tensors(const c10::TypePtr& type) {
  if (type->kind() == c10::TypeKind::TensorType) return true;
  if (const auto list = type->cast<c10::ListType>()) return are_tensors(list->getElementType());
  const auto tuple = type->cast<c10::TupleType>();
  return tuple && std::all_of(tuple->elements().begin(), tuple->elements().end(),
                              [](const c10::TypePtr& element) { return are_tensors(element); });
}

at::Tensor ProgramOutputs::joined(const c10::IValue& returned) const {
  return several_ ? outputs_.joined(tensors_in_result(returned)) : returned.toTensor();
}

at::Tensor ProgramOutputs::joined(const std::vector<at::Tensor>& returned) const {
  return several_ ? outputs_.joined(returned) : returned.at(0);
}

}  // namespace gradient_check
