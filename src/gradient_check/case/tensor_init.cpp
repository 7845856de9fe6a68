#include "gradient_check/case/tensor_init.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "gradient_check/case/countable_shape.h"
#include "gradient_check/case/suggest.h"
#include "gradient_check/case/tensor_loader.h"

namespace gradient_check {
namespace {

constexpr std::int64_t maximum_elements = 100'000'000;
constexpr std::size_t maximum_dimensions = 64;

std::vector<std::int64_t> load_shape(const JsonCursor& cursor) {
  cursor.expect_array("a shape, an array of sizes");
  if (cursor->items.size() > maximum_dimensions)
    cursor.fail(fmt::format("a shape of {} dimensions; LibTorch allows {}", cursor->items.size(),
                            maximum_dimensions));
  std::vector<std::int64_t> shape;
  for (std::size_t i = 0; i < cursor->items.size(); ++i) {
    const std::int64_t size = cursor.item(i).as_integer("a size");
    if (size < 0) cursor.item(i).fail(fmt::format("a size cannot be negative, found {}", size));
    shape.push_back(size);
  }
  std::int64_t elements = 1;
  for (const std::int64_t size : shape)
    if (__builtin_mul_overflow(elements, size, &elements) || elements > maximum_elements)
      cursor.fail(fmt::format("a shape of more than {} elements is too large", maximum_elements));
  if (!is_countable_shape(shape))
    cursor.fail(
        "a shape without elements whose other sizes are too large: their product, which "
        "strides are counted with, exceeds 64 bits");
  return shape;
}

/// Fan in and fan out as torch.nn.init counts them: dimension 1 and 0 times the receptive field.
std::pair<double, double> fans(const std::vector<std::int64_t>& shape, const JsonCursor& cursor) {
  if (shape.size() < 2) cursor.fail("this init needs a shape of at least two dimensions");
  double field = 1;
  for (std::size_t i = 2; i < shape.size(); ++i) field *= static_cast<double>(shape[i]);
  return {static_cast<double>(shape[1]) * field, static_cast<double>(shape[0]) * field};
}

class Initializer {
 public:
  Initializer(const JsonCursor& tensor, const JsonCursor& init, std::vector<std::int64_t> shape,
              at::ScalarType dtype)
      : tensor_(tensor), init_(init), shape_(std::move(shape)), dtype_(dtype) {}

  at::Tensor make(const std::string& name) const {
    if (name == "zeros") return full(0, {});
    if (name == "ones") return full(1, {});
    if (name == "full") return full(required("value"), {"value"});
    if (name == "arange") return arange();
    if (name == "eye") return eye();
    if (!at::isFloatingType(dtype_))
      init_.fail(
          fmt::format("init '{}' needs a floating dtype, found {}", name, dtype_name(dtype_)));
    if (name == "normal") return normal(optional("mean", 0), optional("std", 1), {"mean", "std"});
    if (name == "uniform") return uniform(optional("low", 0), optional("high", 1), {"low", "high"});
    const auto [fan_in, fan_out] = fans(shape_, init_);
    if (name == "xavier_uniform") return symmetric(std::sqrt(6.0 / (fan_in + fan_out)));
    if (name == "xavier_normal") return normal(0, std::sqrt(2.0 / (fan_in + fan_out)), {});
    if (name == "kaiming_uniform") return symmetric(std::sqrt(6.0 / fan_in));
    return normal(0, std::sqrt(2.0 / fan_in), {});
  }

 private:
  using Keys = std::vector<std::string>;

  /// Throws at a key that belongs to another init.
  void expect_only(const Keys& keys) const {
    for (const JsonMember& member : tensor_->members) {
      const std::string& key = member.key;
      if (key == "shape" || key == "init" || key == "dtype") continue;
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        tensor_.fail_key(member,
                         fmt::format("'{}' has no meaning for init '{}'", key, init_->string));
    }
  }
  double required(const std::string& key) const {
    if (!tensor_->find(key))
      init_.fail(fmt::format("init '{}' needs a \"{}\"", init_->string, key));
    return optional(key, 0);
  }
  double optional(const std::string& key, double fallback) const {
    for (const JsonMember& member : tensor_->members)
      if (member.key == key) return load_tensor(tensor_.member(member), at::kDouble).item<double>();
    return fallback;
  }

  at::Tensor full(double value, const Keys& keys) const {
    expect_only(keys);
    return at::full(shape_, value, at::kDouble).to(dtype_);
  }
  at::Tensor arange() const {
    expect_only({});
    std::int64_t elements = 1;
    for (const std::int64_t size : shape_) elements *= size;
    return at::arange(elements, at::kDouble).reshape(shape_).to(dtype_);
  }
  at::Tensor eye() const {
    expect_only({});
    if (shape_.size() != 2) init_.fail("init 'eye' needs a shape of two dimensions");
    return at::eye(shape_[0], shape_[1], at::kDouble).to(dtype_);
  }
  // Draws in float32 where the dtype is narrower, as LibTorch has no such kernel on every version.
  at::Tensor unfilled() const {
    return at::empty(shape_, dtype_ == at::kDouble ? at::kDouble : at::kFloat);
  }
  at::Tensor normal(double mean, double std, const Keys& keys) const {
    expect_only(keys);
    if (!(std >= 0)) tensor_.fail(fmt::format("\"std\" must be at least 0, found {}", std));
    return unfilled().normal_(mean, std).to(dtype_);
  }
  at::Tensor uniform(double low, double high, const Keys& keys) const {
    expect_only(keys);
    if (!(low <= high))
      tensor_.fail(fmt::format("\"low\" ({}) must not be above \"high\" ({})", low, high));
    return unfilled().uniform_(low, high).to(dtype_);
  }
  at::Tensor symmetric(double bound) const { return uniform(-bound, bound, {}); }

  const JsonCursor& tensor_;
  const JsonCursor& init_;
  std::vector<std::int64_t> shape_;
  at::ScalarType dtype_;
};

}  // namespace

const std::vector<std::string>& init_names() {
  static const std::vector<std::string> names{
      "zeros", "ones",           "full",          "normal",          "uniform",       "arange",
      "eye",   "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal"};
  return names;
}

at::Tensor initialize(const JsonCursor& tensor, const JsonCursor& shape, const JsonCursor& init,
                      at::ScalarType dtype) {
  const std::string& name = init.as_string("an init's name");
  const auto& names = init_names();
  if (std::find(names.begin(), names.end(), name) == names.end())
    init.fail(fmt::format("unknown init '{}'{}", name, suggest(name, names)));
  return Initializer(tensor, init, load_shape(shape), dtype).make(name);
}

}  // namespace gradient_check
