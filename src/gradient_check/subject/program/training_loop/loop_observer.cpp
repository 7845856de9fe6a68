#include "gradient_check/subject/program/training_loop/loop_observer.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <c10/core/DefaultDtype.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/interpreter.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"
#include "gradient_check/python/runtime/variables.h"
#include "gradient_check/subject/program/training_loop/location.h"

namespace gradient_check {
namespace {

namespace ast = python::ast;
using python::Value;

std::string_view last_name(const ast::Expression& callee) {
  if (const auto* attribute = callee.as<ast::Attribute>()) return attribute->attr;
  if (const auto* name = callee.as<ast::Name>()) return name->id;
  return "";
}

/// torch.empty(2), np.empty_like(x), torch.Tensor(2, 2)
bool leaves_memory_unwritten(const ast::Expression& call, const python::Arguments& arguments) {
  constexpr std::array makers{"empty", "empty_like", "new_empty", "empty_strided", "ndarray"};
  constexpr std::array types{"Tensor", "FloatTensor", "DoubleTensor"};
  const std::string_view name = last_name(*call.as<ast::Call>()->func);
  if (std::find(makers.begin(), makers.end(), name) != makers.end()) return true;
  if (std::find(types.begin(), types.end(), name) == types.end()) return false;
  return arguments.count > 0 && std::all_of(arguments.values, arguments.values + arguments.count,
                                            [](const Value& value) { return value.is_integral(); });
}

}  // namespace

LoopObserver::LoopObserver(const LoopIndex::Loop* loop, const GivenValues& given)
    : loop_(loop), given_(given), generator_(at::detail::createCPUGenerator(given.seed + 1)) {}

Value given_value(const at::Tensor& tensor, bool arrays) {
  at::Tensor own = tensor.detach().clone();
  if (own.is_floating_point() && c10::get_default_dtype_as_scalartype() == at::kDouble)
    own = own.to(at::kDouble);
  return arrays ? python::result_value(own) : python::value_of(own);
}

bool LoopObserver::holds_loop(const python::Frame& frame) const {
  if (frame.scope.owner == python::Scope::Owner::module) return true;
  return loop_ && loop_->function &&
         frame.scope.body == &loop_->function->as<ast::FunctionDef>()->body;
}

bool LoopObserver::give(python::Frame& frame, const ast::Expression& target) {
  if (const auto* tuple = target.as<ast::Tuple>())
    return std::all_of(tuple->elts.begin(), tuple->elts.end(),
                       [&](const auto& element) { return give(frame, *element); });
  const auto* name = target.as<ast::Name>();
  const at::Tensor* tensor = name ? given_.tensors.find(name->id) : nullptr;
  if (tensor) python::store_name(frame, target.id, name->id, given_value(*tensor, given_.arrays));
  return tensor != nullptr;
}

bool LoopObserver::statement(python::Frame& frame, const ast::Statement& next) {
  if (given_.tensors.empty() || !holds_loop(frame)) return false;
  if (const auto* annotated = next.as<ast::AnnAssign>())
    return annotated->value && give(frame, *annotated->target);
  const auto* assign = next.as<ast::Assign>();
  return assign && std::all_of(assign->targets.begin(), assign->targets.end(),
                               [&](const auto& target) { return give(frame, *target); });
}

void LoopObserver::called(python::Frame&, const ast::Expression& call, const Value&,
                          const python::Arguments& arguments) {
  if (call.as<ast::Call>() && leaves_memory_unwritten(call, arguments)) raw_call_ = &call;
}

void LoopObserver::evaluated(python::Frame&, const ast::Expression& expression, Value& value) {
  if (&expression != raw_call_) return;
  raw_call_ = nullptr;
  const at::Tensor tensor = tensor_in(value);
  if (!tensor.defined() || !tensor.is_floating_point()) return;
  const at::NoGradGuard no_grad;
  tensor.copy_(at::randn(tensor.sizes(), generator_, at::TensorOptions().dtype(at::kFloat)));
  raw_.push_back({tensor, tensor.clone(), &expression});
}

}  // namespace gradient_check
