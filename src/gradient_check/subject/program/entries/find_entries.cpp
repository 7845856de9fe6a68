#include "gradient_check/subject/program/entries/find_entries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gradient_check/case/suggest.h"
#include "gradient_check/subject/program/entries/missing_values.h"
#include "gradient_check/subject/program/forward_of_step.h"

namespace gradient_check {
namespace {

std::vector<FoundEntry> all_entries(const python::ast::Module& program) {
  std::vector<FoundEntry> found;
  for (const EntryKind* kind : entry_kinds())
    for (std::string& name : kind->names(program)) found.push_back({kind, std::move(name)});
  return found;
}

std::vector<std::string> names_of(const std::vector<FoundEntry>& entries) {
  std::vector<std::string> names;
  for (const FoundEntry& entry : entries) names.push_back(entry.name);
  return names;
}

/// "'Swish' (a class derived from torch.autograd.Function), 'conv' (…)"
std::string list_of(const std::vector<FoundEntry>& entries) {
  std::vector<std::string> texts;
  for (const FoundEntry& entry : entries)
    texts.push_back(fmt::format("'{}' ({})", entry.name, entry.kind->what));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string similar_function(const EvaluatedProgram& program) {
  for (const std::string& name : program.function_names())
    for (const char* wanted : {"step", "forward", "backward"})
      if (suggest(name, {wanted}).find("did you mean") != std::string::npos)
        return fmt::format("; it has '{}' (did you mean '{}'?)", name, wanted);
  return "";
}

/// A function or method that is no entry by its looks, but the case says it is one.
bool is_function(const python::ast::Module& program, const std::string& name) {
  return function_named(program, name) != nullptr;
}

FoundEntry named_entry(const EvaluatedProgram& program, const std::string& name) {
  const std::vector<FoundEntry> all = all_entries(program.tree());
  for (const FoundEntry& entry : all)
    if (entry.name == name) return entry;
  if (is_function(program.tree(), name)) return {&loss_entry, name};
  throw SubjectError(
      std::nullopt,
      all.empty() ? fmt::format("entry '{}' is nothing that can be checked here", name)
                  : fmt::format("entry '{}' is nothing that can be checked here{}; there is {}",
                                name, suggest(name, names_of(all)), list_of(all)));
}

FoundEntry only_entry(const EvaluatedProgram& program) {
  const std::vector<FoundEntry> found = find_entries(program.tree());
  if (found.size() == 1) return found.front();
  if (found.empty())
    throw SubjectError(
        program.definition_place(""),
        fmt::format(
            "nothing here looks like a forward with its gradient: a program needs a function "
            "'step', or 'forward' and 'backward', or NAME_forward and NAME_backward, a class "
            "derived from torch.autograd.Function or with forward and backward, or a "
            "function that returns (loss, gradients){}",
            similar_function(program)));
  throw SubjectError(
      std::nullopt,
      fmt::format("more than one thing here can be checked: {}; say which: \"program\": "
                  "{{…, \"entry\": \"{}\"}}",
                  list_of(found), found.front().name));
}

}  // namespace

std::vector<FoundEntry> find_entries(const python::ast::Module& program) {
  std::vector<FoundEntry> found = all_entries(program);
  for (const FoundEntry& entry : found)
    if (entry.kind->settles) return {entry};
  return found;
}

std::unique_ptr<Entry> make_entry(const Case& loaded, EvaluatedProgram& program) {
  const std::string& named = loaded.program->options.entry;
  const FoundEntry found = named.empty() ? only_entry(program) : named_entry(program, named);
  auto entry = found.kind->make(loaded, program, found.name);
  if (const auto missing = entry->missing(); !missing.empty())
    throw MissingValues(found.name, missing);
  return entry;
}

}  // namespace gradient_check
