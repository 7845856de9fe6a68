#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace gradient_check {

/// Flat indices of the elements where two tensors of one shape differ by more than `tolerance` of
/// the larger one's largest element, or one is not finite.
std::vector<std::int64_t> differing(const at::Tensor& value, const at::Tensor& truth,
                                    double tolerance);

/// Whether at least a third of the elements that are not zero in both are right, and not all.
bool most_are_right(const at::Tensor& value, const at::Tensor& truth,
                    const std::vector<std::int64_t>& wrong);

/// Which elements these are, in words: "all with index 0 in dimension 1", "the border", "exactly
/// where x > 0", else the first few. `conditions`: tensors of the same shape by name.
std::string describe_elements(const std::vector<std::int64_t>& flat,
                              const std::vector<std::int64_t>& shape,
                              const std::vector<std::pair<std::string, at::Tensor>>& conditions);

}  // namespace gradient_check
