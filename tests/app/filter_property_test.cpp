#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "app/selection.h"

namespace gradient_check::app {
namespace {

/// A glob by its definition: exponential, and beyond doubt.
bool naive_glob(const std::string& pattern, const std::string& text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*')
    return naive_glob(pattern.substr(1), text) ||
           (!text.empty() && naive_glob(pattern, text.substr(1)));
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         naive_glob(pattern.substr(1), text.substr(1));
}

rc::Gen<std::string> short_text(const std::string& alphabet) {
  return rc::gen::resize(12, rc::gen::container<std::string>(rc::gen::elementOf(alphabet)));
}

RC_GTEST_PROP(Filter, MatchesLikeANaiveGlob, ()) {
  const std::string pattern = *short_text("ab*?");
  const std::string text = *short_text("ab");
  RC_ASSERT(matches_filter(pattern, text) == (pattern.empty() || naive_glob(pattern, text)));
}

RC_GTEST_PROP(Filter, TakesAnyOfThePositivesAndNoneOfTheNegatives, ()) {
  const auto patterns = rc::gen::resize(
      3, rc::gen::container<std::vector<std::string>>(rc::gen::nonEmpty(short_text("ab*?"))));
  const std::vector<std::string> positives = *patterns, negatives = *patterns;
  const std::string text = *short_text("ab");
  std::string filter;
  bool wanted = positives.empty(), unwanted = false;
  for (const std::string& pattern : positives) {
    filter += (filter.empty() ? "" : ":") + pattern;
    wanted = wanted || naive_glob(pattern, text);
  }
  for (std::size_t i = 0; i < negatives.size(); ++i) {
    filter += (i == 0 ? "-" : ":") + negatives[i];
    unwanted = unwanted || naive_glob(negatives[i], text);
  }
  RC_ASSERT(matches_filter(filter, text) == (wanted && !unwanted));
}

}  // namespace
}  // namespace gradient_check::app
