#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace gradient_check {

/// How many elements of `truth` that are not zero a change of a value has put right to within
/// `tolerance` of the largest; 0 where it has put any wrong, or the shapes differ. A value that has
/// become a multiple of the truth is right in all of them but for that factor.
std::int64_t elements_righted(const at::Tensor& before, const at::Tensor& after,
                              const at::Tensor& truth, double tolerance);

/// Whether so many of a tensor's elements cannot be right by chance.
bool is_telling(std::int64_t righted, const at::Tensor& truth);

/// The k that brings a value which is affine in it, zero + k (one - zero), closest to the truth
/// (least squares); nullopt where it does not depend on k, or is of another shape, or a number.
std::optional<double> affine_solution(const at::Tensor& zero, const at::Tensor& one,
                                      const at::Tensor& truth);

}  // namespace gradient_check
