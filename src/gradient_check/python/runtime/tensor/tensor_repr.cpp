#include <ATen/ops/item.h>
#include <torch/csrc/autograd/function.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "gradient_check/python/runtime/tensor/tensor_call.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

/// How PyTorch prints a tensor's numbers (torch/_tensor_str.py, _Formatter), up to 1000 of them.
class TensorPrinter {
 public:
  explicit TensorPrinter(const at::Tensor& tensor) : tensor_(tensor) {
    if (tensor.is_floating_point()) choose_notation();
    find_width();
  }

  std::string print() const { return print(tensor_, 7); }

 private:
  void choose_notation() {
    double largest = 0, smallest = INFINITY;
    bool all_integers = true;
    const at::Tensor flat = tensor_.reshape({-1}).to(at::kDouble);
    for (std::int64_t i = 0; i < flat.numel(); ++i) {
      const double size = std::fabs(flat[i].item<double>());
      if (!counts(size)) continue;
      all_integers = all_integers && std::ceil(size) == size;
      largest = std::max(largest, size);
      smallest = std::min(smallest, size);
    }
    const bool any = largest > 0;
    is_integral_ = all_integers;
    is_scientific_ =
        any && (largest / smallest > 1000 || largest > 1e8 || (!all_integers && smallest < 1e-4));
  }

  void find_width() {
    const at::Tensor flat = tensor_.reshape({-1});
    for (std::int64_t i = 0; i < flat.numel(); ++i)
      if (!tensor_.is_floating_point() || counts(flat[i].item<double>()))
        width_ = std::max(width_, number(flat[i]).size());
  }

  /// Zeros, NaN and infinities have no say in the notation and width.
  static bool counts(double value) { return std::isfinite(value) && value != 0; }

  std::string number(const at::Tensor& element) const {
    if (element.scalar_type() == at::kBool) return element.item<bool>() ? "True" : "False";
    if (element.is_complex()) {
      const auto value = element.item().toComplexDouble();
      return fmt::format("{:.4f}{:+.4f}j", value.real(), value.imag());
    }
    if (!element.is_floating_point()) return std::to_string(element.item<std::int64_t>());
    const double value = element.item<double>();
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    if (is_scientific_) return fmt::format("{:.4e}", value);
    return is_integral_ ? fmt::format("{:.0f}.", value) : fmt::format("{:.4f}", value);
  }

  std::string print(const at::Tensor& part, std::size_t indent) const {
    if (part.dim() == 0)
      return fmt::format("{:>{}}", number(part), part.is_same(tensor_) ? 0 : width_);
    if (part.numel() == 0) return "[]";
    const std::size_t a_line = std::max<std::size_t>(1, (line_width - indent) / (width_ + 2));
    const std::string row = "\n" + std::string(indent + 1, ' ');
    std::string text = "[";
    for (std::int64_t i = 0; i < part.size(0); ++i) {
      if (i && part.dim() == 1)
        text += static_cast<std::size_t>(i) % a_line == 0 ? "," + row : ", ";
      else if (i)
        text += "," + std::string(static_cast<std::size_t>(part.dim() - 2), '\n') + row;
      text += print(part[i], indent + 1);
    }
    return text + "]";
  }

  static constexpr std::size_t line_width = 80;
  const at::Tensor& tensor_;
  bool is_integral_ = false, is_scientific_ = false;
  std::size_t width_ = 0;
};

}  // namespace

std::string tensor_repr(const Value& value) {
  return guarded([&] {
    const at::Tensor tensor = tensor_of(value).detach();
    if (tensor.numel() > 1000) {
      return fmt::format("tensor of shape {}", fmt::join(tensor.sizes(), " x "));
    }
    std::string text = "tensor(" + TensorPrinter(tensor).print();
    const at::ScalarType type = tensor.scalar_type();
    const bool is_default =
        type == at::kFloat || type == at::kLong || type == at::kBool || type == at::kComplexFloat;
    if (tensor.numel() == 0 && tensor.dim() != 1)
      text += fmt::format(", size=({})", fmt::join(tensor.sizes(), ", "));
    if (!is_default)
      text += std::string(", dtype=torch.") + dtype_name(Value::dtype(static_cast<int>(type)));
    const at::Tensor self = tensor_of(value);
    if (!self.is_leaf())
      text += ", grad_fn=<" + self.grad_fn()->name() + ">";
    else if (self.requires_grad())
      text += ", requires_grad=True";
    return text + ")";
  });
}

}  // namespace gradient_check::python
