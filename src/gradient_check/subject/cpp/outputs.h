#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

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

  /// The first thing that `joined` or `differentiable` threw for, if any.
  std::optional<std::string> complaint() const;
  bool any() const { return !positions_.empty(); }
  std::size_t count() const { return positions_.size(); }
  /// Throws SubjectError where number, shape or kind of the outputs are not what they were: they
  /// depend on the values then, and nothing can be differentiated.
  at::Tensor joined(const std::vector<at::Tensor>& given) const;
  /// The differentiable ones among `given`.
  std::vector<at::Tensor> differentiable(const std::vector<at::Tensor>& given) const;
  /// A cotangent of the joined output, cut into those of the outputs.
  std::vector<at::Tensor> cut(const at::Tensor& grad_output) const;

 private:
  struct Complaint {
    std::mutex mutex;
    std::optional<std::string> text;
  };
  [[noreturn]] void complain(std::string text) const;

  std::shared_ptr<Complaint> complaint_ = std::make_shared<Complaint>();
  std::size_t total_ = 0;               ///< outputs, those that are not differentiable included
  std::vector<std::size_t> positions_;  ///< of the differentiable ones
  std::vector<std::vector<std::int64_t>> shapes_;  ///< of the differentiable ones
  std::vector<bool> complex_;                      ///< whether they are
};

}  // namespace gradient_check
