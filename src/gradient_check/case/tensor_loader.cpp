#include "gradient_check/case/tensor_loader.h"

#include <ATen/ops/complex.h>
#include <ATen/ops/empty.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <limits>
#include <optional>

#include "gradient_check/case/stored_tensor.h"
#include "gradient_check/case/suggest.h"
#include "gradient_check/case/tensor_init.h"

namespace gradient_check {
namespace {

struct DtypeName {
  const char* name;
  at::ScalarType dtype;
};

constexpr DtypeName dtypes[] = {{"float64", at::kDouble}, {"float32", at::kFloat},
                                {"float16", at::kHalf},   {"bfloat16", at::kBFloat16},
                                {"int64", at::kLong},     {"int32", at::kInt},
                                {"int16", at::kShort},    {"int8", at::kChar},
                                {"uint8", at::kByte},     {"bool", at::kBool}};

/// The shape of nested arrays, by the first element of each level.
std::vector<std::int64_t> nested_shape(const JsonValue& value) {
  std::vector<std::int64_t> shape;
  for (const JsonValue* at = &value; at->is_array(); at = &at->items.front()) {
    shape.push_back(static_cast<std::int64_t>(at->items.size()));
    if (at->items.empty()) break;
  }
  return shape;
}

class ElementReader {
 public:
  ElementReader(at::ScalarType dtype, std::vector<std::int64_t> shape)
      : dtype_(dtype), shape_(std::move(shape)) {
    // A tensor without elements has no data to point to, whatever its dtype.
    const bool integral = at::isIntegralType(dtype, true);
    staged_ = at::empty(shape_, integral ? at::kLong : at::kDouble);
    integers_ = integral ? staged_.data_ptr<std::int64_t>() : nullptr;
    numbers_ = integral ? nullptr : staged_.data_ptr<double>();
  }

  at::Tensor read(const JsonCursor& cursor) {
    walk(cursor, 0);
    return staged_.to(dtype_);
  }

 private:
  void walk(const JsonCursor& cursor, std::size_t depth) {
    if (depth == shape_.size()) return element(cursor);
    if (!cursor->is_array())
      cursor.fail(fmt::format("ragged array: expected a row of {} as in the first one, found {}",
                              shape_[depth], cursor->describe()));
    if (static_cast<std::int64_t>(cursor->items.size()) != shape_[depth])
      cursor.fail(fmt::format("ragged array: this row has {} elements, the first one has {}",
                              cursor->items.size(), shape_[depth]));
    for (std::size_t i = 0; i < cursor->items.size(); ++i) walk(cursor.item(i), depth + 1);
  }

  void element(const JsonCursor& cursor) {
    if (cursor->is_array())
      cursor.fail("ragged array: expected a number as in the first place, found " +
                  cursor->describe());
    if (integers_) {
      integers_[count_++] = integer(cursor);
    } else {
      numbers_[count_++] = number(cursor);
    }
  }

  std::int64_t integer(const JsonCursor& cursor) const {
    if (dtype_ == at::kBool && cursor->kind == JsonValue::Kind::boolean)
      return cursor->boolean ? 1 : 0;
    const std::int64_t value =
        cursor.as_integer(fmt::format("an integer, since the dtype is {}", dtype_name(dtype_)));
    const auto [low, high] = integer_range();
    if (value < low || value > high)
      cursor.fail(
          fmt::format("{} does not fit {} ({} to {})", value, dtype_name(dtype_), low, high));
    return value;
  }

  double number(const JsonCursor& cursor) const {
    if (cursor->is_string()) {
      if (cursor->string == "nan") return std::numeric_limits<double>::quiet_NaN();
      if (cursor->string == "inf") return std::numeric_limits<double>::infinity();
      if (cursor->string == "-inf") return -std::numeric_limits<double>::infinity();
    }
    if (!cursor->is_number())
      cursor.fail(fmt::format("expected a number or \"nan\", \"inf\", \"-inf\", found {}",
                              cursor->describe()));
    if (std::abs(cursor->number) > largest())
      cursor.fail(fmt::format("{} overflows {}, whose largest value is {:.6g}", cursor->string,
                              dtype_name(dtype_), largest()));
    return cursor->number;
  }

  std::pair<std::int64_t, std::int64_t> integer_range() const {
    switch (dtype_) {
      case at::kInt:
        return {INT32_MIN, INT32_MAX};
      case at::kShort:
        return {INT16_MIN, INT16_MAX};
      case at::kChar:
        return {INT8_MIN, INT8_MAX};
      case at::kByte:
        return {0, UINT8_MAX};
      case at::kBool:
        return {0, 1};
      default:
        return {INT64_MIN, INT64_MAX};
    }
  }

  double largest() const {
    switch (dtype_) {
      case at::kHalf:
        return std::numeric_limits<at::Half>::max();
      case at::kBFloat16:
        return static_cast<float>(std::numeric_limits<at::BFloat16>::max());
      case at::kFloat:
        return std::numeric_limits<float>::max();
      default:
        return std::numeric_limits<double>::max();
    }
  }

  at::ScalarType dtype_;
  std::vector<std::int64_t> shape_;
  at::Tensor staged_;
  std::int64_t* integers_ = nullptr;
  double* numbers_ = nullptr;
  std::size_t count_ = 0;
};

/// The first element of nested arrays; null where there is none.
const JsonValue* first_element(const JsonValue& value) {
  const JsonValue* at = &value;
  while (at->is_array() && !at->items.empty()) at = &at->items.front();
  return at->is_array() ? nullptr : at;
}

/// Arrays of true and false are bool, as torch.tensor makes them, unless a dtype is named.
at::ScalarType natural_dtype(const JsonCursor& cursor, at::ScalarType otherwise) {
  const JsonValue* first = first_element(cursor.value());
  return first && first->kind == JsonValue::Kind::boolean ? at::kBool : otherwise;
}

at::Tensor load_elements(const JsonCursor& cursor, at::ScalarType dtype) {
  return ElementReader(dtype, nested_shape(cursor.value())).read(cursor);
}

/// {"real": …, "imag": …}, two tensors of one shape.
at::Tensor load_complex(const JsonCursor& cursor, at::ScalarType dtype) {
  std::optional<at::Tensor> real, imaginary;
  for (const JsonMember& member : cursor->members) {
    if (member.key != "real" && member.key != "imag")
      cursor.fail_key(member,
                      fmt::format("'{}' has no meaning beside 'real' and 'imag'; it belongs "
                                  "into one of them",
                                  member.key));
    (member.key == "real" ? real : imaginary) = load_tensor(cursor.member(member), dtype);
  }
  if (!real || !imaginary)
    cursor.fail(fmt::format("a complex tensor needs \"real\" and \"imag\": \"{}\" is missing",
                            real ? "imag" : "real"));
  for (const at::Tensor& part : {*real, *imaginary})
    if (part.scalar_type() != at::kDouble && part.scalar_type() != at::kFloat)
      cursor.fail(fmt::format("a complex tensor is of float64 or float32, found {}",
                              dtype_name(part.scalar_type())));
  if (real->sizes() != imaginary->sizes() || real->scalar_type() != imaginary->scalar_type())
    cursor.fail(fmt::format("\"real\" is {} [{}] and \"imag\" is {} [{}]; they must be alike",
                            dtype_name(real->scalar_type()), fmt::join(real->sizes(), ", "),
                            dtype_name(imaginary->scalar_type()),
                            fmt::join(imaginary->sizes(), ", ")));
  return at::complex(*real, *imaginary);
}

at::Tensor load_object(const JsonCursor& cursor, at::ScalarType dtype) {
  cursor.expect_keys(tensor_keys(), "a tensor");
  for (const char* part : {"real", "imag"})
    if (cursor->find(part)) return load_complex(cursor, dtype);
  std::optional<JsonCursor> data, shape, init, file;
  bool dtype_named = false;
  for (const JsonMember& member : cursor->members) {
    const JsonCursor at = cursor.member(member);
    if (member.key == "dtype") {
      dtype = load_dtype(at);
      dtype_named = true;
    }
    if (member.key == "data") data.emplace(at);
    if (member.key == "shape") shape.emplace(at);
    if (member.key == "init") init.emplace(at);
    if (member.key == "file") file.emplace(at);
  }
  if (file) return load_stored_tensor(cursor, *file, dtype, dtype_named);
  if (data) {
    for (const JsonMember& member : cursor->members)
      if (member.key != "data" && member.key != "dtype")
        cursor.fail_key(member, fmt::format("'{}' has no meaning beside 'data'", member.key));
    return load_elements(*data, dtype_named ? dtype : natural_dtype(*data, dtype));
  }
  if (!shape)
    cursor.fail("a tensor needs \"data\", or \"shape\" and \"init\": the shape is missing");
  if (!init)
    cursor.fail("a tensor with a \"shape\" needs an \"init\": write one of " +
                fmt::format("{}", fmt::join(init_names(), ", ")));
  return initialize(cursor, *shape, *init, dtype);
}

}  // namespace

const std::vector<std::string>& dtype_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const DtypeName& entry : dtypes) result.emplace_back(entry.name);
    return result;
  }();
  return names;
}

const std::vector<std::string>& tensor_keys() {
  static const std::vector<std::string> keys{"data", "dtype", "shape", "init", "value",
                                             "mean", "std",   "low",   "high", "file",
                                             "key",  "real",  "imag"};
  return keys;
}

at::ScalarType load_dtype(const JsonCursor& cursor) {
  const std::string& name = cursor.as_string("a dtype's name");
  for (const DtypeName& entry : dtypes)
    if (name == entry.name) return entry.dtype;
  cursor.fail(fmt::format("unknown dtype '{}'{}", name, suggest(name, dtype_names())));
}

std::string dtype_name(at::ScalarType dtype) {
  for (const DtypeName& entry : dtypes)
    if (dtype == entry.dtype) return entry.name;
  return at::toString(dtype);
}

at::Tensor load_tensor(const JsonCursor& cursor, at::ScalarType default_dtype) {
  if (cursor->is_object()) return load_object(cursor, default_dtype);
  if (cursor->is_array() || cursor->is_number() || cursor->is_string() ||
      cursor->kind == JsonValue::Kind::boolean)
    return load_elements(cursor, natural_dtype(cursor, default_dtype));
  cursor.fail("expected a tensor (a number, nested arrays, or an object), found " +
              cursor->describe());
}

}  // namespace gradient_check
