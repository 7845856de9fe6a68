#include "gradient_check/subject/program/entries/find_entries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gradient_check/case/suggest.h"

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

FoundEntry named_entry(const EvaluatedProgram& program, const std::string& name) {
  const std::vector<FoundEntry> all = all_entries(program.tree());
  for (const FoundEntry& entry : all)
    if (entry.name == name) return entry;
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
        fmt::format("a program needs a function 'step', or 'forward' and 'backward'{}",
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
  return found.kind->make(loaded, program, found.name);
}

}  // namespace gradient_check
