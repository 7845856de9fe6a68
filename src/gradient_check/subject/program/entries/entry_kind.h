#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gradient_check/subject/program/entries/entry.h"

namespace gradient_check {

/// A kind of what can be checked of a program: a row of the table.
struct EntryKind {
  const char* what;  ///< for people: "a class derived from torch.autograd.Function"
  /// Whether a program that has one is meant by it alone, where no entry is named.
  bool settles;
  /// What there is of this kind, by the name that a case's "entry" gives it, in order of writing.
  std::vector<std::string> (*names)(const python::ast::Module& program);
  std::unique_ptr<Entry> (*make)(const Case& loaded, EvaluatedProgram& program,
                                 const std::string& name);
};

/// All kinds; of those that settle, the first comes first.
const std::vector<const EntryKind*>& entry_kinds();

// The rows, each in the file of its name.
extern const EntryKind functions_entry, top_level_entry, pair_entry, function_class_entry,
    class_entry, loss_entry;

}  // namespace gradient_check
