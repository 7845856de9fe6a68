#include "gradient_check/diagnosis/pattern.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/wording.h"
#include "gradient_check/gradient/scan.h"

namespace gradient_check {
namespace {

/// Whole slices along one dimension; empty where the elements are none.
std::string slices(const std::vector<std::int64_t>& flat, const std::vector<std::int64_t>& shape,
                   std::int64_t elements) {
  for (std::size_t d = 0; shape.size() > 1 && d < shape.size(); ++d) {
    std::set<std::int64_t> indices;
    for (const std::int64_t i : flat) indices.insert(unravel(i, shape)[d]);
    const std::int64_t per_slice = elements / shape[d];
    if (static_cast<std::int64_t>(indices.size()) * per_slice !=
            static_cast<std::int64_t>(flat.size()) ||
        static_cast<std::int64_t>(indices.size()) == shape[d])
      continue;
    return fmt::format("all with {} {} in dimension {}", indices.size() == 1 ? "index" : "indices",
                       fmt::join(indices, ", "), d);
  }
  return "";
}

/// Every element at an edge of the last two dimensions, and no other.
bool is_border(const std::set<std::int64_t>& wrong, const std::vector<std::int64_t>& shape,
               std::int64_t elements) {
  if (shape.size() < 2 || shape[shape.size() - 1] < 3 || shape[shape.size() - 2] < 3) return false;
  for (std::int64_t i = 0; i < elements; ++i) {
    const auto index = unravel(i, shape);
    bool edge = false;
    for (std::size_t d = shape.size() - 2; d < shape.size(); ++d)
      edge = edge || index[d] == 0 || index[d] == shape[d] - 1;
    if (edge != (wrong.count(i) != 0)) return false;
  }
  return true;
}

std::string condition(const std::set<std::int64_t>& wrong, const std::string& name,
                      const std::vector<double>& values) {
  bool positive = true, negative = true, zero = true, nonzero = true;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_wrong = wrong.count(static_cast<std::int64_t>(i)) != 0;
    positive = positive && (values[i] > 0) == is_wrong;
    negative = negative && (values[i] < 0) == is_wrong;
    zero = zero && (values[i] == 0) == is_wrong;
    nonzero = nonzero && (values[i] != 0) == is_wrong;
  }
  const char* relation = positive   ? "> 0"
                         : negative ? "< 0"
                         : zero     ? "= 0"
                         : nonzero  ? "≠ 0"
                                    : nullptr;
  return relation ? fmt::format("exactly where {} {}", name, relation) : "";
}

}  // namespace

std::vector<std::int64_t> differing(const at::Tensor& value, const at::Tensor& truth,
                                    double tolerance) {
  const std::vector<double> a = elements_of(value), b = elements_of(truth);
  const double allowed = tolerance * std::max(largest_magnitude(value), largest_magnitude(truth));
  std::vector<std::int64_t> wrong;
  for (std::size_t i = 0; i < b.size() && a.size() == b.size(); ++i)
    if (!agrees(a[i], b[i], allowed, 0)) wrong.push_back(static_cast<std::int64_t>(i));
  return wrong;
}

bool most_are_right(const at::Tensor& value, const at::Tensor& truth,
                    const std::vector<std::int64_t>& wrong) {
  const std::vector<double> a = elements_of(value), b = elements_of(truth);
  if (a.size() != b.size()) return false;
  const std::set<std::int64_t> set(wrong.begin(), wrong.end());
  std::size_t right = 0, telling = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (a[i] == 0 && b[i] == 0) continue;
    ++telling;
    right += set.count(static_cast<std::int64_t>(i)) == 0 ? 1 : 0;
  }
  return !wrong.empty() && right > 0 && right * 3 >= telling;
}

std::string describe_elements(const std::vector<std::int64_t>& flat,
                              const std::vector<std::int64_t>& shape,
                              const std::vector<std::pair<std::string, at::Tensor>>& conditions) {
  std::int64_t elements = 1;
  for (const std::int64_t size : shape) elements *= size;
  if (const std::string text = slices(flat, shape, elements); !text.empty()) return text;
  const std::set<std::int64_t> wrong(flat.begin(), flat.end());
  if (is_border(wrong, shape, elements)) return "the border";
  for (const auto& [name, tensor] : conditions)
    if (tensor.defined() && tensor.sizes().vec() == shape && elements > 2)
      if (const std::string text = condition(wrong, name, elements_of(tensor)); !text.empty())
        return text;
  std::vector<std::string> list;
  for (std::size_t i = 0; i < flat.size() && i < 4; ++i)
    list.push_back(index_text(unravel(flat[i], shape)));
  return fmt::format("{}{}", fmt::join(list, ", "), flat.size() > 4 ? ", …" : "");
}

}  // namespace gradient_check
