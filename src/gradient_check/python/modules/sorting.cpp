#include <algorithm>
#include <utility>
#include <vector>

#include "gradient_check/python/modules/table.h"
#include "gradient_check/python/runtime/call.h"
#include "gradient_check/python/runtime/iterator.h"
#include "gradient_check/python/runtime/operators.h"
#include "gradient_check/python/runtime/sequence.h"

namespace gradient_check::python {
namespace {

using KeyedValues = std::vector<std::pair<Value, Value>>;  ///< keys, and what they are of

/// Compares in CPython's order, so that what cannot be compared is named in the same order.
template <typename Before>
void insertion_sort(KeyedValues& values, std::size_t begin, std::size_t end, const Before& before) {
  for (std::size_t i = begin + 1; i < end; ++i) {
    std::size_t low = begin, high = i;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (before(values[i], values[middle]))
        high = middle;
      else
        low = middle + 1;
    }
    std::rotate(values.begin() + static_cast<std::ptrdiff_t>(low),
                values.begin() + static_cast<std::ptrdiff_t>(i),
                values.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

/// Merge sort: std::stable_sort may not be given an order that contradicts itself, as NaN's does.
template <typename Before>
void merge_sort(Interpreter& interpreter, KeyedValues& values, std::size_t begin, std::size_t end,
                const Before& before) {
  constexpr std::size_t shortest_run = 32;
  if (end - begin <= shortest_run) return insertion_sort(values, begin, end, before);
  const std::size_t middle = begin + (end - begin) / 2;
  merge_sort(interpreter, values, begin, middle, before);
  merge_sort(interpreter, values, middle, end, before);
  KeyedValues merged;
  std::size_t left = begin, right = middle;
  while (left < middle || right < end) {
    interpreter.count_step();
    const bool take_right = left == middle || (right < end && before(values[right], values[left]));
    merged.push_back(std::move(values[take_right ? right++ : left++]));
  }
  std::move(merged.begin(), merged.end(), values.begin() + static_cast<std::ptrdiff_t>(begin));
}

/// Sorts by key, stably, with the program's own comparisons.
void sort_values(Interpreter& interpreter, std::vector<Value>& values, const Value& key,
                 bool reverse) {
  KeyedValues keyed;
  for (Value& value : values)
    keyed.emplace_back(key.is_set() && !key.is_none() ? call(interpreter, key, {value}) : value,
                       value);
  const auto less = [&](const auto& a, const auto& b) {
    return truth(interpreter, compare(interpreter, ast::ComparisonOperator::Lt, a.first, b.first));
  };
  merge_sort(interpreter, keyed, 0, keyed.size(),
             [&](const auto& a, const auto& b) { return reverse ? less(b, a) : less(a, b); });
  for (std::size_t i = 0; i < keyed.size(); ++i) values[i] = std::move(keyed[i].second);
}

}  // namespace

Value sorted_list(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("sorted", "iterable, /, *, key=, reverse=", arguments);
  auto list = make<List>(interpreter.heap, elements_of(interpreter, parameters[0]));
  sort_values(interpreter, list->elements, parameters[1],
              parameters.has(2) && truth(interpreter, parameters[2]));
  return list;
}

Value list_sort(Interpreter& interpreter, const Arguments& arguments) {
  const Parameters parameters("sort", "self, /, *, key=, reverse=", arguments);
  std::vector<Value> values = std::move(parameters[0].as<List>().elements);
  sort_values(interpreter, values, parameters[1],
              parameters.has(2) && truth(interpreter, parameters[2]));
  parameters[0].as<List>().elements = std::move(values);
  return Value::none();
}

}  // namespace gradient_check::python
