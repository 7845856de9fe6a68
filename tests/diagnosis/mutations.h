#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gradient_check/subject/program/syntax.h"

namespace gradient_check {

/// Shapes of the floating tensors that a place in a program sees, by variable.
using Shapes = std::map<std::string, std::vector<std::int64_t>>;

/// A hand-written backward with one mistake planted: characters of one statement replaced.
struct Mutation {
  std::string kind;  ///< "drop factor"
  Span span;         ///< what is replaced, in the program's text
  std::string replacement;
  std::size_t line = 0;           ///< of the statement or the dictionary's entry
  std::set<std::size_t> lines;    ///< a finding at any of these names it
  std::string subject;            ///< the variable, or the key of an entry
  std::set<std::string> rules;    ///< a finding with any of these says what it is
  std::string original, mutated;  ///< the statement or entry before and after
};

/// One expression that mistakes are planted in: the right side of a statement, an entry of the
/// returned dictionary, an argument of an in-place call.
struct MutationSite {
  const Expr* value = nullptr;
  const Statement* statement = nullptr;
  std::string subject;
  std::size_t line = 0;
  std::set<std::size_t> lines;
  bool is_entry = false;  ///< of the dictionary
  bool is_whole = true;   ///< the statement's value is this expression, and no more
  bool shapes_known = true;
  Shapes visible;                  ///< where shapes are not known, all sizes are empty
  std::set<std::string> returned;  ///< variables that are an entry of the dictionary
};

/// What is known of a program beside its text.
struct ProgramFacts {
  /// The floating tensors that a statement sees, by the statement's first character.
  std::map<std::size_t, Shapes> visible;
  /// Variables that hold a floating tensor after a statement, by its first character.
  std::map<std::size_t, std::set<std::string>> written;
};

/// Every single-statement mutation of the manual code of a program: of `backward`, of what serves
/// only the gradients in `step`, and of helpers that the forward does not call. Deterministic; each
/// gives another text.
std::vector<Mutation> mutations_of(const std::string& text, const ProgramFacts& facts);

/// The sites that those mutations are made at.
std::vector<MutationSite> mutation_sites(const std::string& text,
                                         const std::vector<FunctionSyntax>& functions,
                                         const ProgramFacts& facts);

/// The mutations of one site.
std::vector<Mutation> mutations_at(const MutationSite& site, const std::string& text);

/// The text with every one of these planted. Their spans must not overlap.
std::string planted(const std::string& text, std::vector<Mutation> mutations);

/// The line, counted from 1, of a character.
std::size_t line_at(const std::string& text, std::size_t offset);

}  // namespace gradient_check
