#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gradient_check {

/// Tensors by name, in the order in which they were declared.
class NamedTensors {
 public:
  using Entry = std::pair<std::string, at::Tensor>;

  NamedTensors() = default;
  NamedTensors(std::initializer_list<Entry> entries) : entries_(entries) {}

  /// Adds a tensor or replaces the one of that name.
  void set(std::string name, at::Tensor tensor) {
    for (auto& entry : entries_)
      if (entry.first == name) return void(entry.second = std::move(tensor));
    entries_.emplace_back(std::move(name), std::move(tensor));
  }
  /// The tensor of that name, or null.
  const at::Tensor* find(std::string_view name) const {
    for (const auto& entry : entries_)
      if (entry.first == name) return &entry.second;
    return nullptr;
  }
  /// The tensor of that name; throws std::out_of_range where there is none.
  const at::Tensor& operator[](std::string_view name) const {
    if (const at::Tensor* tensor = find(name)) return *tensor;
    throw std::out_of_range("no tensor named '" + std::string(name) + "'");
  }
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
};

}  // namespace gradient_check
