#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_make_dual.h>
#include <ATen/ops/_unpack_dual.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/forward_grad.h>

#include <set>

#include "gradient_check/subject/delegating_subject.h"
#include "gradient_check/subject/derived/derived_subject.h"
#include "gradient_check/subject/detach_watch.h"

namespace gradient_check {
namespace {

constexpr const char* jvp_name = "jvp";

/// A level of forward-mode differentiation, while it lives.
class DualLevel {
 public:
  DualLevel() : index_(torch::autograd::ForwardADLevel::get_next_idx()) {}
  ~DualLevel() { torch::autograd::ForwardADLevel::release_idx(index_); }
  DualLevel(const DualLevel&) = delete;
  DualLevel& operator=(const DualLevel&) = delete;
  std::int64_t index() const { return static_cast<std::int64_t>(index_); }

 private:
  std::uint64_t index_;
};

class TangentSubject : public DelegatingSubject {
 public:
  TangentSubject(const Subject& subject, const NamedTensors& tangents, const at::Tensor& output)
      : DelegatingSubject(subject), tangents_(tangents) {
    const auto add = [&](const NamedTensors& tensors) {
      for (const auto& [name, tensor] : tensors) point_.set(name, tensor);
    };
    add(subject.inputs());
    add(subject.parameters());
    parameters_.set(jvp_name, at::zeros_like(output));
  }

  const NamedTensors& parameters() const override { return parameters_; }
  /// The point is not among them: it stays where it is.
  const NamedTensors& inputs() const override { return none_; }
  bool has_manual() const override { return true; }
  bool takes_grad_output() const override { return true; }

  /// Forward mode goes through detach(): nothing is held.
  at::Tensor forward(const NamedTensors& values) const override {
    const DetachUnwatched unwatched;
    const at::Tensor& t = values[jvp_name];
    if (at::GradMode::is_enabled()) {
      const at::Tensor product = by_forward_mode(t.scalar_type());
      return forward_at(0, t.scalar_type()).detach() + t * product.detach();
    }
    at::Tensor output = forward_at(0, t.scalar_type());
    const at::Tensor flat = t.reshape(-1);
    std::set<double> moves;
    for (std::int64_t i = 0; i < flat.numel(); ++i) moves.insert(flat[i].item<double>());
    for (const double move : moves)
      if (move != 0) output = at::where(t == move, forward_at(move, t.scalar_type()), output);
    return output;
  }

  ManualResult manual(const NamedTensors& values, const at::Tensor& grad_output) const override {
    const at::ScalarType dtype = values[jvp_name].scalar_type();
    ManualResult result{forward_at(0, dtype), {}};
    result.gradients.set(jvp_name, subject_.jvp(moved(0, dtype), tangents_in(dtype)) * grad_output);
    return result;
  }

  std::optional<Place> gradient_place(const std::string&) const override {
    return subject_.function_place("jvp");
  }
  std::optional<Place> forward_place() const override { return subject_.forward_place(); }

 private:
  NamedTensors tangents_in(at::ScalarType dtype) const {
    NamedTensors tangents;
    for (const auto& [name, tangent] : tangents_) tangents.set(name, tangent.to(dtype));
    return tangents;
  }

  /// The point, moved by `t` times the tangents.
  NamedTensors moved(double t, at::ScalarType dtype) const {
    NamedTensors values;
    for (const auto& [name, tensor] : point_) {
      const at::Tensor* tangent = tangents_.find(name);
      if (!tangent) {
        values.set(name, tensor.clone());
        continue;
      }
      at::Tensor value = tensor.to(dtype, false, true);
      values.set(name, t == 0 ? value : value + tangent->to(dtype) * t);
    }
    return values;
  }

  at::Tensor forward_at(double t, at::ScalarType dtype) const {
    return subject_.forward(moved(t, dtype));
  }

  at::Tensor by_forward_mode(at::ScalarType dtype) const {
    try {
      const DualLevel level;
      NamedTensors values;
      for (const auto& [name, value] : moved(0, dtype)) {
        const at::Tensor* tangent = tangents_.find(name);
        values.set(name,
                   tangent ? at::_make_dual(value, tangent->to(dtype), level.index()) : value);
      }
      const at::Tensor output = subject_.forward(values);
      const at::Tensor tangent = std::get<1>(at::_unpack_dual(output, level.index()));
      return tangent.defined() ? tangent.clone() : at::zeros_like(output);
    } catch (const std::exception&) {
      return by_double_backward(dtype);  // an operator without a forward-mode formula
    }
  }

  /// J v as the derivative of the vjp, which is linear in its cotangent u: ∂⟨Jᵀu, v⟩/∂u.
  at::Tensor by_double_backward(at::ScalarType dtype) const {
    NamedTensors values = moved(0, dtype);
    std::vector<at::Tensor> leaves, tangents;
    for (const auto& [name, tangent] : tangents_) {
      leaves.push_back(values[name].requires_grad_());
      tangents.push_back(tangent.to(dtype));
    }
    const at::Tensor output = subject_.forward(values);
    if (!output.requires_grad()) return at::zeros_like(output);
    const at::Tensor u = at::ones_like(output).requires_grad_();
    const auto vjp = torch::autograd::grad({output}, leaves, {u}, true, true, true);
    std::vector<at::Tensor> used, along;
    for (std::size_t i = 0; i < vjp.size(); ++i) {
      if (!vjp[i].defined() || !vjp[i].requires_grad()) continue;
      used.push_back(vjp[i]);
      along.push_back(tangents[i]);
    }
    if (used.empty()) return at::zeros_like(output);
    const at::Tensor product = torch::autograd::grad(used, {u}, along, false, false, true)[0];
    return product.defined() ? product : at::zeros_like(output);
  }

  NamedTensors point_, parameters_, none_, tangents_;
};

}  // namespace

std::unique_ptr<Subject> make_tangent_subject(const Subject& subject, const NamedTensors& tangents,
                                              const at::Tensor& output) {
  return std::make_unique<TangentSubject>(subject, tangents, output);
}

}  // namespace gradient_check
