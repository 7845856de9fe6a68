#include "gradient_check/python/runtime/hash_table.h"

#include <algorithm>
#include <bit>

namespace gradient_check::python {
namespace {

constexpr std::size_t few_entries = 8;

}  // namespace

void HashTable::add(std::size_t hash, Value key, Value value) {
  entries_.push_back({hash, std::move(key), std::move(value)});
  ++live_;
  if (slots_.empty() ? entries_.size() > few_entries : entries_.size() * 2 > slots_.size()) {
    rebuild();
    return;
  }
  if (slots_.empty()) return;
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = mixed(hash) & mask;
  while (slots_[at] >= 0) at = (at + 1) & mask;
  slots_[at] = static_cast<std::int64_t>(entries_.size()) - 1;
}

void HashTable::remove(Entry& entry) {
  // The slot stays, so that a search goes on beyond it.
  entry.key = Value();
  entry.value = Value();
  --live_;
  while (slots_.empty() && !entries_.empty() && !entries_.back().key.is_set()) entries_.pop_back();
}

void HashTable::clear() {
  entries_.clear();
  slots_.clear();
  live_ = 0;
}

void HashTable::surrender(Condemned& condemned) {
  for (Entry& entry : entries_) {
    entry.key.surrender(condemned);
    entry.value.surrender(condemned);
  }
  clear();
}

void HashTable::rebuild() {
  std::erase_if(entries_, [](const Entry& entry) { return !entry.key.is_set(); });
  if (entries_.size() <= few_entries) {
    slots_.clear();
    return;
  }
  slots_.assign(std::bit_ceil(entries_.size() * 4), -1);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t at = mixed(entries_[i].hash) & mask;
    while (slots_[at] >= 0) at = (at + 1) & mask;
    slots_[at] = static_cast<std::int64_t>(i);
  }
}

}  // namespace gradient_check::python
