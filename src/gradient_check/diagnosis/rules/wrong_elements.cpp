#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "gradient_check/comparison/elements.h"
#include "gradient_check/diagnosis/rules/rules.h"
#include "gradient_check/diagnosis/wording.h"

namespace gradient_check {
namespace {

constexpr const char* page =
    R"(Most of a gradient is right and some of its elements are not: a row, a column, a border, those where a
mask applies. Whatever treats these elements differently is where to look.

Example:   d_x[0] = 0                  (the first row was meant for padding only)
)";

/// Whether at least half of the elements that are not zero agree.
bool most_are_right(const TensorComparison& tensor) {
  const std::vector<double> truth = elements_of(tensor.sources.autograd);
  const std::vector<double> manual = elements_of(tensor.sources.manual);
  const std::set<std::int64_t> wrong(tensor.mismatched.begin(), tensor.mismatched.end());
  std::size_t right = 0, telling = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] == 0 && manual[i] == 0) continue;
    ++telling;
    right += wrong.count(static_cast<std::int64_t>(i)) == 0 ? 1 : 0;
  }
  return right > 0 && right * 2 >= telling;
}

/// "index 2 of dimension 0" where the wrong elements are all that share it, else the first few.
std::string describe_elements(const TensorComparison& tensor) {
  const std::vector<std::int64_t>& shape = tensor.result.shape;
  for (std::size_t d = 0; shape.size() > 1 && d < shape.size(); ++d) {
    std::set<std::int64_t> slices;
    for (const std::int64_t flat : tensor.mismatched) slices.insert(unravel(flat, shape)[d]);
    const std::int64_t per_slice = tensor.result.elements / shape[d];
    if (static_cast<std::int64_t>(slices.size()) * per_slice != tensor.result.mismatched) continue;
    return fmt::format("all with {} {} in dimension {}", slices.size() == 1 ? "index" : "indices",
                       fmt::join(slices, ", "), d);
  }
  std::string list;
  for (std::size_t i = 0; i < tensor.mismatched.size() && i < 4; ++i)
    list += (list.empty() ? "" : ", ") + index_text(unravel(tensor.mismatched[i], shape));
  return tensor.mismatched.size() > 4 ? list + ", …" : list;
}

std::vector<Finding> check(const Evidence& evidence, const std::vector<Finding>& so_far) {
  std::vector<Finding> findings;
  for (const TensorComparison& tensor : evidence.tensors) {
    const GradientResult& result = tensor.result;
    if (result.verdict != TensorVerdict::mismatch || !tensor.sources.manual.defined() ||
        is_explained(so_far, result.name) || !most_are_right(tensor))
      continue;
    Finding finding;
    finding.rule = wrong_elements_rule.id;
    finding.subject = result.name;
    finding.message =
        fmt::format("{} of the {} elements of the gradient of {} are wrong: {}", result.mismatched,
                    result.elements, result.name, describe_elements(tensor));
    if (result.mismatched == 1)
      finding.message = fmt::format("one of the {} elements of the gradient of {} is wrong: {}",
                                    result.elements, result.name, describe_elements(tensor));
    finding.place = evidence.gradient_place(result.name);
    nlohmann::ordered_json indices = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < tensor.mismatched.size() && i < 20; ++i)
      indices.push_back(unravel(tensor.mismatched[i], result.shape));
    finding.evidence = {{"indices", indices}, {"mismatched", result.mismatched}};
    finding.help = fmt::format(
        "the others are right, so the formula is: look at what differs there "
        "({})",
        values_text(*result.worst));
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace

const Rule wrong_elements_rule{"wrong-elements", "a part of a gradient is wrong", page, check};

}  // namespace gradient_check
