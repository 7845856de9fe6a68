#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "gradient_check/case/named_tensors.h"

namespace gradient_check {

/// The tensors that a function returned: one, a list, or a tuple of such.
inline std::vector<at::Tensor> tensors_of(const at::Tensor& tensor) { return {tensor}; }
inline std::vector<at::Tensor> tensors_of(const std::vector<at::Tensor>& tensors) {
  return tensors;
}
template <typename... Parts>
std::vector<at::Tensor> tensors_of(const std::tuple<Parts...>& parts) {
  std::vector<at::Tensor> all;
  const auto append = [&](const auto& part) {
    const auto more = tensors_of(part);
    all.insert(all.end(), more.begin(), more.end());
  };
  std::apply([&](const auto&... part) { (append(part), ...); }, parts);
  return all;
}

/// How a function that returns several tensors is looked at as one that returns one: those that can
/// be differentiated, end to end. A single one keeps its shape.
class Outputs {
 public:
  Outputs() = default;
  /// Learns from a call with autograd enabled: what requires a gradient is differentiable.
  explicit Outputs(const std::vector<at::Tensor>& given);
  /// Learns from a call of `forward` at copies of `tensors`, of which each that can requires a
  /// gradient.
  static Outputs learned(const std::function<std::vector<at::Tensor>(const NamedTensors&)>& forward,
                         const NamedTensors& tensors);

  /// The first thing that `joined` or `differentiable` threw for, if any.
  std::optional<std::string> complaint() const;
  bool any() const { return !positions_.empty(); }
  /// Of those that can be differentiated.
  std::size_t count() const { return positions_.size(); }
  /// Of all.
  std::size_t total() const { return all_.size(); }
  /// Which of all can be differentiated.
  const std::vector<std::size_t>& positions() const { return positions_; }
  /// Throws SubjectError where number, shape or kind of the outputs are not what they were: they
  /// depend on the values then, and nothing can be differentiated.
  at::Tensor joined(const std::vector<at::Tensor>& given) const;
  /// The differentiable ones among `given`.
  std::vector<at::Tensor> differentiable(const std::vector<at::Tensor>& given) const;
  /// A cotangent of the joined output, cut into those of the outputs.
  std::vector<at::Tensor> cut(const at::Tensor& grad_output) const;
  /// Whether that is the number of outputs that can be differentiated, of those of a floating
  /// dtype, or of all.
  bool can_have(std::size_t cotangents) const;
  /// As many cotangents as `wanted`, one of these numbers: zeros for an output that cannot be
  /// differentiated.
  std::vector<at::Tensor> cotangents(const at::Tensor& grad_output, std::size_t wanted) const;

 private:
  struct Complaint {
    std::mutex mutex;
    std::optional<std::string> text;
  };
  enum class Kind { differentiable, floating, other };
  struct Whole {
    Kind kind = Kind::other;
    std::vector<std::int64_t> shape;
  };
  [[noreturn]] void complain(std::string text) const;

  std::shared_ptr<Complaint> complaint_ = std::make_shared<Complaint>();
  std::vector<Whole> all_;                         ///< those that are not differentiable included
  std::vector<std::size_t> positions_;             ///< of the differentiable ones
  std::vector<std::vector<std::int64_t>> shapes_;  ///< of the differentiable ones
  std::vector<bool> complex_;                      ///< whether they are
};

}  // namespace gradient_check
