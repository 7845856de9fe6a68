#include "gradient_check/subject/program/entries/entry_kind.h"

namespace gradient_check {

const std::vector<const EntryKind*>& entry_kinds() {
  static const std::vector<const EntryKind*> kinds{&top_level_entry, &functions_entry,
                                                   &pair_entry,      &function_class_entry,
                                                   &class_entry,     &loss_entry};
  return kinds;
}

}  // namespace gradient_check
