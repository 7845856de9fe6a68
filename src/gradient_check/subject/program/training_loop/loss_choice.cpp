#include "gradient_check/subject/program/training_loop/loss_choice.h"

#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <utility>

namespace gradient_check {
namespace {

/// How well a gradient must agree with autograd's to say that it is meant.
constexpr double agreement = 1e-3;

double norm_of(const at::Tensor& tensor) {
  return std::sqrt(tensor.detach().to(at::kDouble).square().sum().item().toDouble());
}

bool agree(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined() || a.sizes() != b.sizes()) return false;
  const double size = std::max(norm_of(a), norm_of(b));
  return !(norm_of(a.to(at::kDouble) - b.to(at::kDouble)) > agreement * size);
}

/// How much a name says that it is a loss; 0: nothing.
int rank_of(const std::string& name) {
  std::string low;
  for (const char c : name)
    if (c != '_') low += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (low == "loss" || low == "cost") return 6;
  if (low.find("loss") != std::string::npos || low.find("cost") != std::string::npos) return 5;
  for (const char* each : {"objective", "nll", "mse", "bce", "crossentropy", "xent", "ce", "sse"})
    if (low.find(each) == 0) return 4;
  for (const char* each : {"error", "err", "j", "e", "l"})
    if (low == each) return 3;
  return 0;
}

std::size_t defined_among(const std::vector<at::Tensor>& tensors) {
  return static_cast<std::size_t>(std::count_if(
      tensors.begin(), tensors.end(), [](const at::Tensor& tensor) { return tensor.defined(); }));
}

std::vector<at::Tensor> differentiated(const at::Tensor& scalar,
                                       const std::vector<at::Tensor>& leaves) {
  try {
    return torch::autograd::grad({scalar}, leaves, {}, true, false, true);
  } catch (const std::exception&) {
    return std::vector<at::Tensor>(leaves.size());
  }
}

}  // namespace

/// The manual gradient that an update is made of.
at::Tensor gradient_of(const MovedAlong& moved) {
  return moved.sign > 0 ? -moved.value : moved.value;
}

/// A gradient in the shape of its parameter, where it only differs in dimensions of one element.
at::Tensor shaped(const at::Tensor& gradient, const at::Tensor& parameter) {
  if (gradient.sizes() == parameter.sizes() || gradient.numel() != parameter.numel())
    return gradient;
  const auto squeezed = [](const at::Tensor& tensor) {
    std::vector<std::int64_t> sizes;
    for (const std::int64_t size : tensor.sizes())
      if (size != 1) sizes.push_back(size);
    return sizes;
  };
  return squeezed(gradient) == squeezed(parameter) ? gradient.reshape(parameter.sizes()) : gradient;
}

LossChoice::LossChoice(std::vector<LossWatch::Seen> seen, const std::vector<at::Tensor>& leaves)
    : seen_(std::move(seen)) {
  std::size_t most = 1;
  for (const LossWatch::Seen& each : seen_) {
    gradients_.push_back(differentiated(each.value, leaves));
    most = std::max(most, defined_among(gradients_.back()));
  }
  for (std::size_t i = 0; i < seen_.size(); ++i)
    if (defined_among(gradients_[i]) == most) possible_.push_back(i);
}

bool LossChoice::is_differentiated(std::size_t scalar,
                                   const std::vector<FollowedUpdate>& updates) const {
  return std::all_of(updates.begin(), updates.end(), [&](const FollowedUpdate& each) {
    const at::Tensor& truth = gradients_[scalar][each.leaf];
    const at::Tensor manual = shaped(gradient_of(each.update.moved), truth);
    return agree(manual, truth) || agree(-manual, truth);
  });
}

void LossChoice::choose(const std::vector<FollowedUpdate>& updates, const std::string& wanted) {
  std::optional<std::pair<bool, int>> best;
  for (const std::size_t i : possible_) {
    const std::pair<bool, int> merit{is_differentiated(i, updates), rank_of(seen_[i].site.name)};
    if (best && merit <= *best) continue;
    best = merit;
    chosen_ = i;
    is_meant_ = merit.first;
  }
  for (const std::size_t i : possible_)
    if (!wanted.empty() && seen_[i].site.name == wanted) chosen_ = i;
}

bool LossChoice::is_doubtful() const { return rank_of(chosen().name) == 0 && !is_meant_; }

std::vector<std::string> LossChoice::others() const {
  std::vector<std::string> names;
  for (const std::size_t i : possible_)
    if (i != chosen_ && rank_of(seen_[i].site.name) > 0) names.push_back(seen_[i].site.name);
  return names;
}

bool LossChoice::points_along(const MovedAlong& moved, std::size_t leaf) const {
  if (!gradients_[chosen_][leaf].defined()) return false;
  const at::Tensor uphill = gradients_[chosen_][leaf].to(at::kDouble);
  const at::Tensor along = shaped(moved.value, uphill).to(at::kDouble);
  if (along.sizes() != uphill.sizes()) return false;
  const double norms = norm_of(along) * norm_of(uphill);
  return norms > 0 && (along * uphill).sum().item().toDouble() / norms > 0.99;
}

}  // namespace gradient_check
