#include "gradient_check/python/modules/numpy/random_state.h"

#include <ATen/ops/add.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>

#include <random>

#include "gradient_check/python/modules/numpy/mersenne_twister.h"
#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/array/array.h"
#include "gradient_check/python/runtime/array/ufunc.h"
#include "gradient_check/python/runtime/sequence.h"
#include "gradient_check/python/runtime/sequence_operators.h"
#include "gradient_check/python/runtime/subscript.h"
#include "gradient_check/python/runtime/tensor/tensor_value.h"

namespace gradient_check::python {
namespace {

struct RandomState : Opaque {
  const char* type_name() const override { return "RandomState"; }
  Value attribute(Interpreter& interpreter, const Text& name) override;
  MersenneTwister twister;
};

RandomState& state_of(const Arguments& arguments) {
  return static_cast<RandomState&>(arguments[0].as<Opaque>());
}

void seed_state(Interpreter& interpreter, RandomState& state, const Value& seed) {
  if (!seed.is_set() || seed.is_none()) return state.twister.seed(std::random_device()());
  if (seed.is(Kind::list) || seed.is(Kind::tuple) ||
      (as_array(seed) && as_array(seed)->tensor.dim() > 0)) {
    std::vector<std::uint32_t> seeds;
    for (const std::int64_t number : to_shape(interpreter, seed))
      seeds.push_back(static_cast<std::uint32_t>(number));
    if (seeds.empty()) value_error("Seed must be non-empty");
    return state.twister.seed(seeds);
  }
  const auto number = as_index(interpreter, seed);
  if (!number)
    type_error(
        "Cannot cast array data from dtype('{}') to dtype('int64') according to the rule "
        "'safe'",
        seed.is(Kind::real) ? "float64" : type_name(seed));
  if (*number < 0 || *number > 0xffffffffLL) value_error("Seed must be between 0 and 2**32 - 1");
  state.twister.seed(static_cast<std::uint32_t>(*number));
}

/// An array of the size asked for, filled in order.
template <typename T, typename Draw>
at::Tensor drawn(const std::vector<std::int64_t>& shape, at::ScalarType type, const Draw& draw) {
  for (const std::int64_t size : shape)
    if (size < 0) value_error("negative dimensions are not allowed");
  at::Tensor made = at::empty(shape, at::TensorOptions(type));
  T* to = made.data_ptr<T>();
  for (std::int64_t i = 0, n = made.numel(); i < n; ++i) to[i] = draw();
  return made;
}

/// draw() once for size=None, else an array.
template <typename Draw>
Value sampled(Interpreter& interpreter, const Value& size, const Draw& draw) {
  if (!size.is_set() || size.is_none()) return Value::real(draw());
  return array_value(drawn<double>(to_shape(interpreter, size), at::kDouble, draw));
}

Value random_seed(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("seed", "self, seed=", arguments);
  seed_state(interpreter, state_of(arguments), parameters[1]);
  return Value::none();
}
Value random_sample(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("random_sample", "self, size=", arguments);
  MersenneTwister& twister = state_of(arguments).twister;
  return sampled(interpreter, parameters[1], [&] { return twister.uniform(); });
}
Value random_standard_normal(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("standard_normal", "self, size=", arguments);
  MersenneTwister& twister = state_of(arguments).twister;
  return sampled(interpreter, parameters[1], [&] { return twister.gauss(); });
}

/// rand(2, 3) and randn(2, 3)
template <typename Draw>
Value by_dimensions(Interpreter& interpreter, const Arguments& arguments, const Draw& draw) {
  if (arguments.keywords > 0)
    type_error("rand() got an unexpected keyword argument '{}'", arguments.name(0));
  if (arguments.count == 1) return Value::real(draw());
  std::vector<std::int64_t> shape;
  for (std::size_t i = 1; i < arguments.count; ++i) {
    if (!arguments[i].is_integral() && !as_array(arguments[i]))
      type_error("'{}' object cannot be interpreted as an integer", type_name(arguments[i]));
    shape.push_back(to_shape(interpreter, arguments[i]).front());
  }
  return array_value(drawn<double>(shape, at::kDouble, draw));
}
Value random_rand(Interpreter& interpreter, const Arguments& arguments) {
  MersenneTwister& twister = state_of(arguments).twister;
  return by_dimensions(interpreter, arguments, [&] { return twister.uniform(); });
}
Value random_randn(Interpreter& interpreter, const Arguments& arguments) {
  MersenneTwister& twister = state_of(arguments).twister;
  return by_dimensions(interpreter, arguments, [&] { return twister.gauss(); });
}

/// base + width * draw(), where the two may be arrays.
template <typename Draw>
Value shifted_and_scaled(Interpreter& interpreter, const Value& base, const at::Tensor& width,
                         const Value& size, const Draw& draw) {
  const at::Tensor from = to_array(interpreter, base, at::kDouble);
  const bool has_size = size.is_set() && !size.is_none();
  const auto shape =
      has_size ? to_shape(interpreter, size) : broadcast_shape(from.sizes(), width.sizes());
  const at::Tensor drawn_numbers = drawn<double>(shape, at::kDouble, draw);
  const at::Tensor result = at::add(from, at::mul(width, drawn_numbers));
  if (!has_size && result.dim() == 0) return Value::real(result.item().toDouble());
  return array_value(result);
}
Value random_normal(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("normal", "self, loc=, scale=, size=", arguments);
  MersenneTwister& twister = state_of(arguments).twister;
  const Value loc = parameters.has(1) ? parameters[1] : Value::real(0);
  const at::Tensor scale =
      to_array(interpreter, parameters.has(2) ? parameters[2] : Value::real(1), at::kDouble);
  if (scale.lt(0).any().item().toBool()) value_error("scale < 0");
  return shifted_and_scaled(interpreter, loc, scale, parameters[3],
                            [&] { return twister.gauss(); });
}
Value random_uniform(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("uniform", "self, low=, high=, size=", arguments);
  MersenneTwister& twister = state_of(arguments).twister;
  const Value low = parameters.has(1) ? parameters[1] : Value::real(0);
  const at::Tensor high =
      to_array(interpreter, parameters.has(2) ? parameters[2] : Value::real(1), at::kDouble);
  const at::Tensor width = at::sub(high, to_array(interpreter, low, at::kDouble));
  return shifted_and_scaled(interpreter, low, width, parameters[3],
                            [&] { return twister.uniform(); });
}
Value random_exponential(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("exponential", "self, scale=, size=", arguments);
  MersenneTwister& twister = state_of(arguments).twister;
  const double scale = parameters.has(1) ? parameters.real(1) : 1;
  return sampled(interpreter, parameters[2],
                 [&] { return scale * -std::log(1.0 - twister.uniform()); });
}

Value random_randint(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("randint", "self, low, high=, size=, dtype=", arguments);
  MersenneTwister& twister = state_of(arguments).twister;
  const auto bound = [&](std::size_t i) {
    const Value number = plain_number(parameters[i]);
    return number.is(Kind::real) ? static_cast<std::int64_t>(number.as_real())
                                 : parameters.integer(i);
  };
  const bool one = !parameters.has(2) || parameters[2].is_none();
  const std::int64_t low = one ? 0 : bound(1), high = one ? bound(1) : bound(2);
  if (low >= high) value_error("{}", one ? "high <= 0" : "low >= high");
  const auto largest = static_cast<std::uint64_t>(high - 1 - low);
  const auto draw = [&] { return low + static_cast<std::int64_t>(twister.bounded(largest)); };
  if (!parameters.has(3) || parameters[3].is_none()) return Value::integer(draw());
  const at::Tensor made =
      drawn<std::int64_t>(to_shape(interpreter, parameters[3]), at::kLong, draw);
  return array_value(made.to(to_array_dtype(parameters[4]).value_or(at::kLong)));
}

/// As NumPy's legacy inversion; more than 30 expected successes take another method there.
std::int64_t binomial_draw(MersenneTwister& twister, std::int64_t n, double p) {
  const double q = 1.0 - p, start = std::exp(static_cast<double>(n) * std::log(q));
  const double mean = static_cast<double>(n) * p;
  const auto bound = static_cast<std::int64_t>(
      std::min(static_cast<double>(n), mean + 10.0 * std::sqrt(mean * q + 1)));
  std::int64_t count = 0;
  double chance = start, u = twister.uniform();
  while (u > chance) {
    if (++count > bound) {
      count = 0;
      chance = start;
      u = twister.uniform();
    } else {
      u -= chance;
      chance = (static_cast<double>(n - count + 1) * p * chance) / (static_cast<double>(count) * q);
    }
  }
  return count;
}
Value random_binomial(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("binomial", "self, n, p, size=", arguments);
  MersenneTwister& twister = state_of(arguments).twister;
  const std::int64_t n = parameters.integer(1);
  const double p = parameters.real(2);
  if (n < 0) value_error("n < 0");
  if (p < 0 || p > 1 || std::isnan(p)) value_error("p < 0, p > 1 or p contains NaNs");
  const double rarer = std::min(p, 1.0 - p);
  if (static_cast<double>(n) * rarer > 30)
    raise(ErrorKind::NotImplementedError,
          "binomial() with more than 30 expected successes is not supported");
  const auto draw = [&]() -> std::int64_t {
    if (n == 0 || p == 0) return 0;
    return p <= 0.5 ? binomial_draw(twister, n, p) : n - binomial_draw(twister, n, 1.0 - p);
  };
  if (!parameters.has(3) || parameters[3].is_none()) return Value::integer(draw());
  return array_value(drawn<std::int64_t>(to_shape(interpreter, parameters[3]), at::kLong, draw));
}

Value random_shuffle(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("shuffle", "self, x", arguments);
  MersenneTwister& twister = state_of(arguments).twister;
  const Array* array = as_array(parameters[1]);
  List* list = parameters[1].get_if<List>();
  if (!array && !list)
    type_error("'{}' object does not support item assignment", type_name(parameters[1]));
  for (std::int64_t i = length_of(interpreter, parameters[1]) - 1; i > 0; --i) {
    const auto j = static_cast<std::int64_t>(twister.bounded(static_cast<std::uint64_t>(i)));
    if (list) {
      list->elements[static_cast<std::size_t>(i)].swap(list->elements[static_cast<std::size_t>(j)]);
    } else if (i != j) {
      const at::Tensor kept = array->tensor.select(0, i).clone();
      array->tensor.select(0, i).copy_(array->tensor.select(0, j));
      array->tensor.select(0, j).copy_(kept);
    }
  }
  return Value::none();
}

constexpr NativeRow random_rows[] = {
    {"seed", random_seed},
    {"random_sample", random_sample},
    {"random", random_sample},
    {"ranf", random_sample},
    {"sample", random_sample},
    {"standard_normal", random_standard_normal},
    {"rand", random_rand},
    {"randn", random_randn},
    {"normal", random_normal},
    {"uniform", random_uniform},
    {"exponential", random_exponential},
    {"randint", random_randint},
    {"binomial", random_binomial},
    {"shuffle", random_shuffle},
};

Value RandomState::attribute(Interpreter& interpreter, const Text& name) {
  for (const NativeRow& row : random_rows)
    if (name.text == row.name)
      return make<BoundMethod>(interpreter.heap, Value(this),
                               make<Builtin>(row.name, row.function));
  Value in_python =
      interpreter.import_module("numpy._functions")->get(interpreter, "random_" + name.text);
  if (!in_python.is_set()) return {};
  return make<BoundMethod>(interpreter.heap, Value(this), std::move(in_python));
}

}  // namespace

Value make_random_state(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("RandomState", "seed=", arguments);
  auto state = make<RandomState>();
  seed_state(interpreter, *state, parameters[0]);
  return state;
}

std::function<void()> random_state_rewind(const Value& value) {
  auto* state = dynamic_cast<RandomState*>(value.get_if<Opaque>());
  if (!state) return {};
  return [kept = Ref<RandomState>(state), twister = state->twister] { kept->twister = twister; };
}

Value random_function(Interpreter& interpreter, Module& module, const std::string& name) {
  Value state = module.get(interpreter, "_state");
  if (!state.is_set()) {
    state = make_random_state(interpreter, {});
    module.set("_state", state);
  }
  return state.as<Opaque>().attribute(interpreter, Text(name));
}

}  // namespace gradient_check::python
