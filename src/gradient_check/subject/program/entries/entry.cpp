#include "gradient_check/subject/program/entries/entry.h"

#include <ATen/ops/ones_like.h>
#include <fmt/format.h>

#include <random>

#include "gradient_check/subject/evaluation_scope.h"
#include "gradient_check/subject/program/program_slice.h"
#include "gradient_check/subject/program/write_watch.h"
#include "gradient_check/subject/program/written_gradients.h"

namespace gradient_check {

std::optional<Place> Entry::gradient_place(const std::string& name) const {
  if (!has_manual()) return std::nullopt;
  const auto written = written_gradients(program_.tree(), manual_name());
  const auto found = written.find(name);
  return found == written.end() ? program_.definition_place(manual_name())
                                : program_.place_of(found->second);
}

std::optional<Place> Entry::forward_place() const {
  const python::Span span = written_result(program_.tree(), forward_name());
  return span.empty() ? program_.definition_place(forward_name()) : program_.place_of(span);
}

std::optional<Place> Entry::write_place(const std::string& name) const {
  const EvaluationScope scope(case_.dtype);
  NamedTensors values = point();
  values.set("grad_output", at::ones_like(outputs_.joined(forward(point()))));
  const at::Tensor* watched = values.find(name);
  if (!watched) return std::nullopt;
  WriteWatch watch(*watched, program_.tree());
  const ObservedRun observed(program_.running(), watch);
  try {
    if (has_manual()) manual(values, values["grad_output"]);
    if (!watch.written()) forward(values);
  } catch (const SubjectError&) {  // it wrote before it failed
  }
  const auto written = watch.written();
  return written ? std::optional(program_.place_of(*written)) : std::nullopt;
}

void Entry::move_parameters(double perturbation) {
  std::mt19937_64 engine(1);
  std::normal_distribution<double> normal;
  NamedTensors moved;
  for (const auto& [name, tensor] : parameters_) {
    at::Tensor wide = tensor.to(at::kDouble, false, true).contiguous();
    auto* data = wide.data_ptr<double>();
    for (std::int64_t i = 0; i < wide.numel(); ++i) data[i] *= 1 + perturbation * normal(engine);
    moved.set(name, wide.to(tensor.scalar_type()));
  }
  parameters_ = std::move(moved);
  program_.scale_numbers(1 + 0.7 * perturbation);
}

void Entry::run_only(NameSet names) {
  if (!case_.program->options.reference.empty()) names.insert(case_.program->options.reference);
  program_.run_only(slice_for(program_.tree(), std::move(names)));
}

void Entry::fail(const std::string& function, const std::string& message) const {
  throw SubjectError(program_.definition_place(function), message);
}

NamedTensors Entry::point() const {
  NamedTensors values;
  for (const auto* tensors : {&inputs_, &parameters_})
    for (const auto& [name, tensor] : *tensors) values.set(name, tensor.detach().clone());
  return values;
}

std::vector<at::Tensor> Entry::tensors(const python::Value& value,
                                       const std::string& function) const {
  try {
    return program_.tensors_of(value);
  } catch (const std::invalid_argument& found) {
    fail(function, fmt::format("{} must return a tensor, or several as a tuple or a list, found {}",
                               function, found.what()));
  }
}

}  // namespace gradient_check
