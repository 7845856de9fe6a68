#include <ATen/ops/argsort.h>
#include <ATen/ops/bincount.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ne.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/sort.h>
#include <ATen/ops/zeros.h>

#include "gradient_check/python/modules/numpy/numpy_table.h"
#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

bool given_true(Interpreter& interpreter, const Value& value) {
  return value.is_set() && truth(interpreter, value);
}

/// Stable: equal elements keep their order.
std::pair<at::Tensor, at::Tensor> sorted_along(const at::Tensor& tensor, std::int64_t axis) {
  const bool is_bool = tensor.scalar_type() == at::kBool;
  auto [values, places] =
      at::sort(is_bool ? tensor.to(at::kByte) : tensor, /*stable=*/true, axis, false);
  return {is_bool ? values.to(at::kBool) : values, places};
}

Value sorted_array(Interpreter& interpreter, const char* name, bool as_places,
                   const Arguments& arguments) {
  const Parameters parameters(name, "a, axis=, kind=, order=", arguments);
  return guarded([&] {
    at::Tensor a = to_array(interpreter, parameters[0]);
    const bool is_flat = parameters.has(1) && parameters[1].is_none();
    if (is_flat || a.dim() == 0) a = a.reshape({-1});
    const std::int64_t axis = is_flat ? 0 : checked_axis(parameters.integer(1, -1), a.dim());
    const auto [values, places] = sorted_along(a, axis);
    return array_value(as_places ? places : values);
  });
}
Value numpy_sort(Interpreter& interpreter, const Arguments& arguments) {
  return sorted_array(interpreter, "sort", false, arguments);
}
Value numpy_argsort(Interpreter& interpreter, const Arguments& arguments) {
  return sorted_array(interpreter, "argsort", true, arguments);
}

/// unique(), with the places asked for, in the order in which NumPy returns them.
Value numpy_unique(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters(
      "unique", "ar, return_index=, return_inverse=, return_counts=, axis=", arguments);
  if (parameters.has(4) && !parameters[4].is_none())
    raise(ErrorKind::NotImplementedError, "unique() along an axis is not supported");
  return guarded([&]() -> Value {
    const at::Tensor flat = to_array(interpreter, parameters[0]).reshape({-1});
    const auto [values, places] = sorted_along(flat, 0);
    std::vector<std::int64_t> firsts;
    at::Tensor inverse = at::zeros({flat.numel()}, at::TensorOptions(at::kLong));
    for (std::int64_t i = 0; i < flat.numel(); ++i) {
      if (i == 0 || at::ne(values.select(0, i), values.select(0, i - 1)).item().toBool())
        firsts.push_back(i);
      inverse.select(0, places.select(0, i).item().toLong())
          .fill_(static_cast<std::int64_t>(firsts.size()) - 1);
    }
    const auto groups = static_cast<std::int64_t>(firsts.size());
    at::Tensor starts = at::zeros({groups}, at::TensorOptions(at::kLong));
    at::Tensor counts = at::zeros({groups}, at::TensorOptions(at::kLong));
    for (std::int64_t g = 0; g < groups; ++g) {
      const std::int64_t start = firsts[static_cast<std::size_t>(g)];
      const std::int64_t end =
          g + 1 < groups ? firsts[static_cast<std::size_t>(g) + 1] : flat.numel();
      starts.select(0, g).fill_(start);
      counts.select(0, g).fill_(end - start);
    }
    std::vector<Value> results{array_value(values.index_select(0, starts))};
    if (given_true(interpreter, parameters[1]))
      results.push_back(array_value(places.index_select(0, starts)));
    if (given_true(interpreter, parameters[2])) results.push_back(array_value(inverse));
    if (given_true(interpreter, parameters[3])) results.push_back(array_value(counts));
    return results.size() == 1 ? results[0] : Value(make<Tuple>(std::move(results)));
  });
}

Value numpy_nonzero(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("nonzero", "a", arguments);
  return guarded([&]() -> Value {
    const at::Tensor a = to_array(interpreter, parameters[0]);
    const at::Tensor found = a.nonzero();
    std::vector<Value> places;
    for (std::int64_t i = 0; i < a.dim(); ++i)
      places.push_back(array_value(found.select(1, i).contiguous()));
    return make<Tuple>(std::move(places));
  });
}

Value numpy_bincount(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("bincount", "x, weights=, minlength=", arguments);
  return guarded([&] {
    const at::Tensor x = to_array(interpreter, parameters[0]);
    if (category(x.scalar_type()) != 1)
      type_error(
          "Cannot cast array data from dtype('{}') to dtype('int64') according to the rule "
          "'safe'",
          array_dtype_name(x.scalar_type()));
    const std::int64_t least = parameters.integer(2, 0);
    if (!parameters.has(1) || parameters[1].is_none())
      return array_value(at::bincount(x, {}, least));
    return array_value(at::bincount(x, to_array(interpreter, parameters[1], at::kDouble), least));
  });
}

Value numpy_searchsorted(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("searchsorted", "a, v, side=, sorter=", arguments);
  return guarded([&] {
    const at::Tensor a = to_array(interpreter, parameters[0], at::kDouble).contiguous();
    const at::Tensor v = to_array(interpreter, parameters[1], at::kDouble).contiguous();
    const bool right = parameters.has(2) && parameters.text(2) == "right";
    return result_value(at::searchsorted(a, v, false, right));
  });
}

/// a.sort(): in place.
Value array_sort(Interpreter&, const Arguments& arguments) {
  const Parameters parameters("sort", "self, axis=, kind=, order=", arguments);
  return guarded([&] {
    const at::Tensor self = as_array(arguments[0])->tensor;
    self.copy_(sorted_along(self, checked_axis(parameters.integer(1, -1), self.dim())).first);
    return Value::none();
  });
}

constexpr NativeRow ordering_rows[] = {
    {"sort", numpy_sort},       {"argsort", numpy_argsort},   {"unique", numpy_unique},
    {"nonzero", numpy_nonzero}, {"bincount", numpy_bincount}, {"searchsorted", numpy_searchsorted},
};
constexpr NativeRow ordering_method_rows[] = {{"sort", array_sort}};

}  // namespace

std::span<const NativeRow> numpy_ordering() { return ordering_rows; }
std::span<const NativeRow> array_ordering_methods() { return ordering_method_rows; }

}  // namespace gradient_check::python
