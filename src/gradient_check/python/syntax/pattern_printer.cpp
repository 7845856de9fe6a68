#include "gradient_check/python/syntax/pattern_printer.h"

namespace gradient_check::python {

void PatternPrinter::print(const ast::Pattern& pattern) {
  if (const auto* value = pattern.as<ast::MatchValue>()) {
    expressions_.print(*value->value);
  } else if (const auto* singleton = pattern.as<ast::MatchSingleton>()) {
    out_ += !singleton->value ? "None" : *singleton->value ? "True" : "False";
  } else if (const auto* sequence = pattern.as<ast::MatchSequence>()) {
    out_ += '[';
    print_list(sequence->patterns);
    out_ += ']';
  } else if (const auto* star = pattern.as<ast::MatchStar>()) {
    out_ += "*" + star->name.value_or("_");
  } else if (const auto* as = pattern.as<ast::MatchAs>()) {
    print_as(*as);
  } else if (const auto* alternatives = pattern.as<ast::MatchOr>()) {
    print_or(*alternatives);
  } else if (const auto* mapping = pattern.as<ast::MatchMapping>()) {
    print_mapping(*mapping);
  } else if (const auto* match_class = pattern.as<ast::MatchClass>()) {
    print_class(*match_class);
  }
}

void PatternPrinter::print_closed(const ast::Pattern& pattern, bool alternatives_too) {
  const auto* const as = pattern.as<ast::MatchAs>();
  const bool parentheses = (as != nullptr && as->pattern != nullptr) ||
                           (alternatives_too && pattern.as<ast::MatchOr>() != nullptr);
  if (parentheses) out_ += '(';
  print(pattern);
  if (parentheses) out_ += ')';
}

void PatternPrinter::print_list(const std::vector<ast::PatternPtr>& patterns) {
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (i > 0) out_ += ", ";
    print(*patterns[i]);
  }
}

void PatternPrinter::print_or(const ast::MatchOr& pattern) {
  for (std::size_t i = 0; i < pattern.patterns.size(); ++i) {
    if (i > 0) out_ += " | ";
    print_closed(*pattern.patterns[i], true);
  }
}

void PatternPrinter::print_as(const ast::MatchAs& pattern) {
  if (pattern.pattern) {
    print_closed(*pattern.pattern, false);
    out_ += " as ";
  }
  out_ += pattern.name.value_or("_");
}

void PatternPrinter::print_mapping(const ast::MatchMapping& pattern) {
  out_ += '{';
  const char* separator = "";
  for (const ast::MatchMappingItem& item : pattern.items) {
    out_ += separator;
    separator = ", ";
    expressions_.print(*item.key);
    out_ += ": ";
    print(*item.pattern);
  }
  if (pattern.rest) out_ += separator + ("**" + *pattern.rest);
  out_ += '}';
}

void PatternPrinter::print_class(const ast::MatchClass& pattern) {
  expressions_.print(*pattern.cls);
  out_ += '(';
  print_list(pattern.patterns);
  bool first = pattern.patterns.empty();
  for (const ast::MatchKeyword& keyword : pattern.keywords) {
    if (!first) out_ += ", ";
    first = false;
    out_ += keyword.attr + "=";
    print(*keyword.pattern);
  }
  out_ += ')';
}

}  // namespace gradient_check::python
