#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gradient_check/subject/program/entries/entry_kind.h"

namespace gradient_check {

/// Something of a program that can be checked.
struct FoundEntry {
  const EntryKind* kind;
  std::string name;
};

/// What there is in a program that can be meant where no entry is named: that of a kind which
/// settles it, or all there is.
std::vector<FoundEntry> find_entries(const python::ast::Module& program);

/// The entry that a case names, or the one that can be meant. Throws SubjectError, which lists what
/// there is, where that is none or several.
std::unique_ptr<Entry> make_entry(const Case& loaded, EvaluatedProgram& program);

}  // namespace gradient_check
