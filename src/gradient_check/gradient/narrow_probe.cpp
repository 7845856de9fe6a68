#include "gradient_check/gradient/narrow_probe.h"

#include "gradient_check/case/tensor_loader.h"
#include "gradient_check/subject/operation_callback.h"

namespace gradient_check {
namespace {

struct Probe {
  const Subject& subject;
  ProbedForward found{};
};
thread_local Probe* probe_here = nullptr;  ///< null in autograd's own threads

/// Whether the operation was given float64; kept from its start to its end.
struct GivenDouble : at::ObserverContext {
  bool given = false;
};

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& function) {
  auto context = std::make_unique<GivenDouble>();
  for (const c10::IValue& input : own_inputs(function))
    if (input.isTensor() && input.toTensor().defined())
      context->given = context->given || input.toTensor().scalar_type() == at::kDouble;
  return context;
}

NarrowOperation narrow_operation(std::string name, at::ScalarType dtype) {
  NarrowOperation narrow;
  if (const std::size_t colons = name.rfind(':'); colons != std::string::npos)
    name = name.substr(colons + 1);
  // copy_ is what a conversion is made of; its user wrote .to or .float().
  narrow.op = name == "copy_" || name == "_to_copy" ? "a conversion" : "torch." + name;
  narrow.dtype = dtype_name(dtype);
  narrow.scalar_type = dtype;
  if (const auto running = probe_here->subject.running_place()) {
    const Place& place = running->call.value_or(running->place);
    narrow.file = place.file;
    narrow.line = place.line;
    narrow.column = place.column;
  }
  return narrow;
}

/// The dtype of a complex number's parts; others are what they are.
at::ScalarType real_part_of(at::ScalarType dtype) {
  return dtype == at::kComplexHalf ? at::kHalf : dtype == at::kComplexFloat ? at::kFloat : dtype;
}

void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
  if (!probe_here) return;
  const bool narrows = !probe_here->found.narrow && static_cast<GivenDouble*>(context)->given;
  if (!narrows && probe_here->found.reduced) return;
  for (const c10::IValue& output : own_outputs(function)) {
    if (!output.isTensor() || !output.toTensor().defined()) continue;
    const at::ScalarType dtype = real_part_of(output.toTensor().scalar_type());
    if (!at::isFloatingType(dtype) || dtype == at::kDouble) continue;
    probe_here->found.reduced =
        probe_here->found.reduced || dtype == at::kHalf || dtype == at::kBFloat16;
    if (narrows && !probe_here->found.narrow)
      probe_here->found.narrow = narrow_operation(function.name(), dtype);
  }
}

}  // namespace

ProbedForward probe_forward(const Subject& subject, const NamedTensors& values) {
  Probe probe{subject};
  probe_here = &probe;
  const OperationCallback callback(at::RecordFunctionCallback(&on_start, &on_end)
                                       .needsInputs(true)
                                       .needsOutputs(true)
                                       .scopes({at::RecordScope::FUNCTION}));
  probe.found.output = run_forward(subject, values, at::kDouble);
  probe_here = nullptr;
  return std::move(probe.found);
}

}  // namespace gradient_check
