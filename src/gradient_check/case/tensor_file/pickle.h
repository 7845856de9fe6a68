#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gradient_check {

/// A Python object out of a pickle, as far as files of tensors need it. Nothing is called and
/// nothing imported: a call of `callable` stays one.
struct Pickled {
  enum class Kind { other, integer, text, list, dictionary, global, call, persistent };
  Kind kind = Kind::other;
  std::int64_t integer = 0;
  std::string text;                   ///< of a text; "module name" of a global
  std::vector<const Pickled*> items;  ///< of a list, tuple, call's arguments, persistent id
  std::vector<std::pair<const Pickled*, const Pickled*>> entries;
  const Pickled* callable = nullptr;
};

/// All objects of a pickle, and the one that it stands for. They may refer to one another in rings.
struct Pickle {
  std::deque<Pickled> objects;
  const Pickled* root = nullptr;
};

/// Reads a pickle of protocol 2 to 5 (https://docs.python.org/3/library/pickletools.html), the
/// opcodes that plain data need. Throws TensorFileError.
Pickle read_pickle(std::string_view bytes);

}  // namespace gradient_check
