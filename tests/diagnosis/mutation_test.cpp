#include <c10/util/Logging.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>

#include "diagnosis/mutant_case.h"
#include "diagnosis/mutation_table.h"

// Plants every single-statement mistake in the backward of every correct program, and tabulates
// what the tool makes of it. By default a seeded part of them; all with GRADIENT_CHECK_MUTANTS=all,
// another number with GRADIENT_CHECK_MUTANTS=300. GRADIENT_CHECK_MUTANTS_OF=lstm takes the programs
// with that in their names, GRADIENT_CHECK_MUTANTS_SHARD=0/4 every fourth mutant, and
// GRADIENT_CHECK_MUTANTS_VERBOSE=1 gives each that is not diagnosed in full a line.

namespace gradient_check {
namespace {

bool is_set_to(const char* variable, const std::string& value) {
  const char* text = std::getenv(variable);
  return text && text == value;
}
bool wants_all() { return is_set_to("GRADIENT_CHECK_MUTANTS", "all"); }
bool is_verbose() { return is_set_to("GRADIENT_CHECK_MUTANTS_VERBOSE", "1"); }
std::string setting(const char* variable) {
  const char* text = std::getenv(variable);
  return text ? text : "";
}
/// Whether the floors are held against what was tried: not where that is a chosen part.
bool is_chosen() { return !setting("GRADIENT_CHECK_MUTANTS_OF").empty(); }

/// How many to try: `some` by default, `all` where all are wanted.
std::size_t wanted_of(std::size_t some, std::size_t all) {
  const std::string number = setting("GRADIENT_CHECK_MUTANTS");
  if (wants_all()) return all;
  return number.empty() ? some : std::min<std::size_t>(all, std::stoul(number));
}

/// Which part of how many parts to try.
std::pair<std::size_t, std::size_t> shard() {
  const std::string text = setting("GRADIENT_CHECK_MUTANTS_SHARD");
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return {0, 1};
  return {std::stoul(text.substr(0, slash)), std::stoul(text.substr(slash + 1))};
}

/// A mutation, and whether it counts: it runs, and changes a gradient by more than rounding.
struct Mutant {
  const MutantCase* origin = nullptr;
  const Mutation* mutation = nullptr;
  std::optional<NamedTensors> gradients;  ///< once evaluated, where it counts
  bool evaluated = false;

  bool counts() {
    if (!evaluated) {
      evaluated = true;
      gradients = origin->gradients(planted(origin->text(), {*mutation}));
      if (gradients && !origin->differ(*gradients, origin->right())) gradients.reset();
    }
    return gradients.has_value();
  }
};

const std::vector<MutantCase>& all_cases() {
  // As the program does: the stack of every edit that does not run would take half of the time.
  c10::SetStackTraceFetcher(std::function<std::string()>([] { return std::string(); }));
  static const std::vector<MutantCase> cases =
      mutant_cases(std::filesystem::path(GRADIENT_CHECK_SOURCE) / "cases");
  return cases;
}

/// Every mutation of every case; what is evaluated in one test serves the others.
std::vector<Mutant>& all_mutants() {
  static std::vector<Mutant> mutants = [] {
    std::vector<Mutant> found;
    const std::string part = setting("GRADIENT_CHECK_MUTANTS_OF");
    for (const MutantCase& origin : all_cases())
      if (origin.name().find(part) != std::string::npos)
        for (const Mutation& mutation : origin.mutations())
          found.push_back({&origin, &mutation, std::nullopt});
    return found;
  }();
  return mutants;
}

double share(std::size_t part, std::size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

void print_miss(const Mutant& mutant, const CaseResult& result, const MutantOutcome& outcome) {
  const Mutation& mutation = *mutant.mutation;
  std::cout << fmt::format("{}: {} line {} of {}: {} -> {}\n    {}: {}\n", mutant.origin->name(),
                           mutation.kind, mutation.line, mutation.subject, mutation.original,
                           mutation.mutated,
                           !outcome.detected     ? "NOT DETECTED"
                           : !outcome.line_right ? "line wrong"
                           : !outcome.rule_right ? "rule wrong"
                           : outcome.extra       ? "more than that"
                                                 : "no fix",
                           findings_text(result))
            << std::flush;
}

/// Checks one mutant that counts and notes the outcome; false where the tool cannot evaluate it.
bool judge(Mutant& mutant, MutationTable& table) {
  const auto start = std::chrono::steady_clock::now();
  const auto result = mutant.origin->check(planted(mutant.origin->text(), {*mutant.mutation}));
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (!result) return false;
  MutantOutcome outcome = outcome_of(*result, *mutant.mutation, mutant.mutation->rules);
  if (outcome.line_right && !outcome.rule_right)
    outcome = outcome_of(*result, *mutant.mutation, mutant.origin->rules_of(*mutant.mutation));
  outcome.seconds = elapsed.count();
  table.add(mutant.mutation->kind, outcome);
  const bool complete =
      outcome.detected && outcome.line_right && outcome.rule_right && !outcome.extra;
  if (is_verbose() && !(complete && outcome.fixed)) print_miss(mutant, *result, outcome);
  EXPECT_TRUE(outcome.detected) << mutant.origin->name() << " line " << mutant.mutation->line
                                << ": " << mutant.mutation->mutated;
  return true;
}

TEST(Mutations, OneAtATimeIsFoundNamedAndExplained) {
  std::vector<Mutant>& mutants = all_mutants();
  std::vector<std::size_t> order(mutants.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::mt19937_64 engine(1);
  std::shuffle(order.begin(), order.end(), engine);
  const std::size_t wanted = wanted_of(120, mutants.size());
  const auto [part, parts] = shard();
  MutationTable table;
  std::size_t unevaluated = 0, tried = 0;
  for (std::size_t i = part; i < order.size() && table.total().mutants < wanted; i += parts) {
    Mutant& mutant = mutants[order[i]];
    ++tried;
    if (mutant.counts() && !judge(mutant, table)) ++unevaluated;
  }
  const MutationTable::Row& total = table.total();
  std::cout << table.text()
            << fmt::format("{} mutations of {} programs tried; {} run in float64 alone\n", tried,
                           all_cases().size(), unevaluated);
  if (is_chosen()) return;
  ASSERT_GE(total.mutants, 100u);
  EXPECT_EQ(total.detected, total.mutants);
  EXPECT_GE(share(total.line, total.mutants), 0.98);
  EXPECT_GE(share(total.rule, total.mutants), 0.9);
}

/// Holds the labels against the programs, without the tool: what a mutant's values first differ at
/// is the line that is said to be mutated.
TEST(Mutations, AreLabelledWithTheLineThatFirstGoesWrong) {
  std::mt19937_64 engine(4);
  std::vector<Mutant>& mutants = all_mutants();
  std::size_t followed = 0;
  for (std::size_t i = 0; i < (wants_all() ? mutants.size() : 60); ++i) {
    Mutant& mutant = mutants[wants_all() ? i : engine() % mutants.size()];
    if (!mutant.counts()) continue;
    const auto line = mutant.origin->first_wrong_line(*mutant.mutation);
    if (!line) continue;
    ++followed;
    EXPECT_TRUE(mutant.mutation->lines.count(*line))
        << mutant.origin->name() << " goes wrong at " << *line << ", not " << mutant.mutation->line
        << ": " << mutant.mutation->mutated;
  }
  std::cout << followed << " mutants followed\n";
  EXPECT_GE(followed, is_chosen() ? 1u : 30u);
}

/// Several mutations of one program, at lines of their own.
using Combination = std::vector<Mutant*>;

std::string text_of(const Combination& bugs, const Mutant* without = nullptr) {
  std::vector<Mutation> mutations;
  for (const Mutant* bug : bugs)
    if (bug != without) mutations.push_back(*bug->mutation);
  return planted(bugs[0]->origin->text(), std::move(mutations));
}

bool share_a_line(const Mutation& a, const Mutation& b) {
  return std::any_of(a.lines.begin(), a.lines.end(),
                     [&](std::size_t line) { return b.lines.count(line) != 0; }) ||
         a.line == b.line;
}

/// Draws until the bugs are apart; empty where the first one has no company.
Combination draw(std::size_t count, std::mt19937_64& engine) {
  std::vector<Mutant>& mutants = all_mutants();
  Combination bugs{&mutants[engine() % mutants.size()]};
  if (!bugs[0]->counts()) return {};
  for (int attempt = 0; attempt < 2000 && bugs.size() < count; ++attempt) {
    Mutant& other = mutants[engine() % mutants.size()];
    const bool apart = other.origin == bugs[0]->origin &&
                       std::none_of(bugs.begin(), bugs.end(), [&](const Mutant* bug) {
                         return share_a_line(*bug->mutation, *other.mutation);
                       });
    if (apart && other.counts()) bugs.push_back(&other);
  }
  return bugs.size() == count ? bugs : Combination{};
}

/// The bugs that still change a gradient beside the others; all must be named.
std::optional<Combination> visible_bugs(const Combination& bugs) {
  const MutantCase& origin = *bugs[0]->origin;
  const auto together = origin.gradients(text_of(bugs));
  if (!together || !origin.differ(*together, origin.right())) return std::nullopt;
  Combination visible;
  for (Mutant* bug : bugs) {
    const auto others = bugs.size() == 2 ? (bug == bugs[0] ? bugs[1] : bugs[0])->gradients
                                         : origin.gradients(text_of(bugs, bug));
    if (!others || origin.differ(*together, *others)) visible.push_back(bug);
  }
  return visible;
}

void print_missed(const Combination& bugs, const CaseResult& result) {
  std::cout << bugs[0]->origin->name() << ":\n";
  for (const Mutant* bug : bugs)
    std::cout << fmt::format("  {} line {}: {} -> {}\n",
                             names_line(result, *bug->mutation) ? "named " : "MISSED",
                             bug->mutation->line, bug->mutation->original, bug->mutation->mutated);
  std::cout << "    " << findings_text(result) << "\n" << std::flush;
}

/// Whether fewer changes than were planted make the program right, as was proved by a re-run: a
/// sign flipped twice, a factor dropped from a value and again from what it makes. Nothing in such
/// a program says that it was broken in two places.
bool is_repaired_with_fewer(const CaseResult& result, std::size_t bugs) {
  std::set<std::size_t> lines;
  for (const Finding& finding : result.findings) {
    if (finding.severity != Severity::error) continue;
    if (!finding.fix || !finding.fix->verified || !finding.place) return false;
    lines.insert(finding.place->line);
  }
  return !lines.empty() && lines.size() < bugs;
}

void check_combinations(std::size_t bugs_each, std::size_t wanted, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::size_t checked = 0, named = 0, detected = 0, simpler_accounts = 0;
  for (int attempt = 0; attempt < 100000 && checked < wanted; ++attempt) {
    const Combination bugs = draw(bugs_each, engine);
    if (bugs.empty()) continue;
    const auto visible = visible_bugs(bugs);
    if (!visible || visible->empty()) continue;
    const auto result = bugs[0]->origin->check(text_of(bugs));
    if (!result) continue;
    ++checked;
    detected += result->verdict == Verdict::fail;
    const bool all_named = std::all_of(visible->begin(), visible->end(), [&](const Mutant* bug) {
      return names_line(*result, *bug->mutation);
    });
    const bool simpler = !all_named && is_repaired_with_fewer(*result, visible->size());
    named += all_named || simpler;
    simpler_accounts += simpler;
    if (!all_named && !simpler && is_verbose()) print_missed(bugs, *result);
  }
  std::cout << fmt::format(
      "{} mutants of {} bugs: {} detected, every line named in {} ({:.1f}%), {} of them as fewer\n",
      checked, bugs_each, detected, named, 100 * share(named, checked), simpler_accounts);
  if (is_chosen()) return;
  ASSERT_EQ(checked, wanted);
  EXPECT_EQ(detected, checked);
  // Of the few that are drawn by default one more or less may be missed.
  const double least = wants_all() ? 0.95 : 0.9;
  EXPECT_GE(share(named, checked), least);
}

TEST(Mutations, TwoAtOnceAreBothNamed) {
  check_combinations(2, wanted_of(40, 200), 2 + 100 * shard().first);
}
TEST(Mutations, ThreeAtOnceAreAllNamed) {
  check_combinations(3, wanted_of(40, 100), 3 + 100 * shard().first);
}

}  // namespace
}  // namespace gradient_check
