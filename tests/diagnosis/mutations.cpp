#include "diagnosis/mutations.h"

#include <algorithm>

namespace gradient_check {
namespace {

std::string text_of(const std::string& text, const Span& span) {
  return text.substr(span.begin, span.end - span.begin);
}

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// Keeps the first of those that give the same text, with the rules of all.
std::vector<Mutation> distinct(std::vector<Mutation> all, const std::string& text) {
  std::map<std::string, std::size_t> seen;
  std::vector<Mutation> kept;
  for (Mutation& mutation : all) {
    const auto [found, is_new] = seen.emplace(planted(text, {mutation}), kept.size());
    if (is_new)
      kept.push_back(std::move(mutation));
    else
      kept[found->second].rules.insert(mutation.rules.begin(), mutation.rules.end());
  }
  return kept;
}

}  // namespace

std::vector<Mutation> mutations_of(const std::string& text, const ProgramFacts& facts) {
  const std::vector<FunctionSyntax> functions = parse_functions(text);
  std::vector<Mutation> all;
  for (const MutationSite& site : mutation_sites(text, functions, facts)) {
    const Span span = site.is_entry ? site.value->span : site.statement->span;
    for (Mutation& mutation : mutations_at(site, text)) {
      mutation.line = site.line;
      mutation.lines = site.lines;
      mutation.subject = site.subject;
      std::string after = text_of(text, span);
      after.replace(mutation.span.begin - span.begin, mutation.span.end - mutation.span.begin,
                    mutation.replacement);
      mutation.original = on_one_line(text_of(text, span));
      mutation.mutated = on_one_line(after);
      all.push_back(std::move(mutation));
    }
  }
  return distinct(std::move(all), text);
}

std::string planted(const std::string& text, std::vector<Mutation> mutations) {
  std::sort(mutations.begin(), mutations.end(),
            [](const Mutation& a, const Mutation& b) { return a.span.begin > b.span.begin; });
  std::string result = text;
  for (const Mutation& mutation : mutations)
    result.replace(mutation.span.begin, mutation.span.end - mutation.span.begin,
                   mutation.replacement);
  return result;
}

std::size_t line_at(const std::string& text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(std::count(
                 text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

}  // namespace gradient_check
