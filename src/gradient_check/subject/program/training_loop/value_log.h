#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "gradient_check/python/runtime/frame.h"
#include "gradient_check/python/runtime/value.h"
#include "gradient_check/python/syntax/tree.h"

namespace gradient_check {

/// What the expressions of a turn gave, and which of them made each value.
class ValueLog {
 public:
  explicit ValueLog(const python::ast::Module& tree) : tree_(tree), latest_(tree.node_count) {}

  void note(const python::Frame& frame, const python::ast::Expression& expression,
            const python::Value& value);
  /// A number's name: what was assigned to it last.
  void note_assigned(const python::Frame& frame, const python::ast::Expression& target,
                     const python::ast::Expression& value);
  /// An array or tensor was given new contents, in place.
  void note_overwritten(const python::Value& value, const python::ast::Expression& by);

  /// The value that the expression had last; unset if it was not evaluated.
  const python::Value& latest(const python::ast::Expression& expression) const;
  /// The expression that first gave that tensor, array or number; null if it is older.
  const python::ast::Expression* maker(const python::ast::Expression& expression,
                                       const python::Value& value) const;
  const python::ast::Expression* first_maker(const python::Value& value) const;
  bool was_overwritten(const python::Value& value) const;

 private:
  bool is_own(const python::Frame& frame) const { return frame.code.tree.source == tree_.source; }

  const python::ast::Module& tree_;
  std::vector<python::Value> latest_;
  std::unordered_map<const void*, const python::ast::Expression*> makers_, overwritten_;
  std::vector<python::Value> held_;
  std::map<std::string, const python::ast::Expression*> assigned_;
};

/// What tells a tensor, array or other object apart; null for numbers.
const void* identity(const python::Value& value);

}  // namespace gradient_check
