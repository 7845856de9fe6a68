#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gradient_check/python/runtime/text.h"

namespace gradient_check::python {

/// What dict and set are made of: entries in the order of insertion, found by hash. Small tables
/// are searched from the start.
class HashTable {
 public:
  struct Entry {
    std::size_t hash;
    Value key, value;  ///< a key that is unset: an entry that was removed
  };

  std::size_t size() const { return live_; }
  /// With removed ones among them.
  const std::vector<Entry>& entries() const { return entries_; }
  std::vector<Entry>& entries() { return entries_; }

  /// The entry whose key has that hash and `is_key` accepts, or null.
  template <typename IsKey>
  Entry* find(std::size_t hash, const IsKey& is_key) {
    if (slots_.empty()) {
      for (Entry& entry : entries_)
        if (entry.hash == hash && entry.key.is_set() && is_key(entry.key)) return &entry;
      return nullptr;
    }
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = mixed(hash) & mask;; at = (at + 1) & mask) {
      const std::int64_t index = slots_[at];
      if (index < 0) return nullptr;
      Entry& entry = entries_[static_cast<std::size_t>(index)];
      if (entry.hash == hash && entry.key.is_set() && is_key(entry.key)) return &entry;
    }
  }
  /// By a name. Faster than for any key: it needs no program's __eq__.
  Entry* find(const Text& name) {
    return find(name.hash, [&](const Value& key) {
      const Text* text = key.get_if<Text>();
      return text && (text == &name || text->text == name.text);
    });
  }

  /// Adds a key that is not in the table.
  void add(std::size_t hash, Value key, Value value);
  void remove(Entry& entry);
  void clear();
  void surrender(Condemned& condemned);

 private:
  static std::size_t mixed(std::size_t hash) { return hash * 0x9e3779b97f4a7c15u >> 20; }
  void rebuild();

  std::vector<Entry> entries_;
  std::vector<std::int64_t> slots_;  ///< indices of entries_; empty while there are few
  std::size_t live_ = 0;
};

}  // namespace gradient_check::python
