#pragma once

#include <set>
#include <string>
#include <vector>

#include "gradient_check/diagnosis/blame/known_values.h"
#include "gradient_check/subject/program/trace.h"

namespace gradient_check {

/// What is known of the value that one write gave.
enum class Standing {
  given,    ///< an argument, or a part of the forward
  right,    ///< what its name or the returned dictionary says it is
  other,    ///< equal to some known value, but not to the one its name says
  wrong,    ///< not what its name or the returned dictionary says it is
  unknown,  ///< nothing says what it should be
};

struct Judgement {
  Standing standing = Standing::unknown;
  const KnownValue* truth = nullptr;  ///< what it is or should be; null where unknown
  bool is_certain = false;            ///< the returned dictionary says so, not a name alone
  bool is_named = false;              ///< its name says what it is, not its value alone
  bool is_guess = false;              ///< its name says that it is an adjoint, its shape whose
};

/// How a manual function's writes answer to the forward.
struct PairingRules {
  std::set<std::size_t> given;  ///< writes of the forward inside a step, and arguments
  /// The case's `adjoints`: a variable and the forward value it belongs to.
  std::vector<std::pair<std::string, std::string>> adjoints;
  std::set<std::string> distrusted;   ///< variables whose names have turned out to mislead
  std::set<std::string> not_aliased;  ///< entries whose variable is right for its other readers
  std::set<std::string>
      not_compared;         ///< entries that take another subgradient, or autograd is wrong
  double tolerance = 1e-9;  ///< relative difference below which two values are the same
};

/// The judgement of each write of a manual trace.
std::vector<Judgement> judge(const Trace& manual, const std::vector<KnownValue>& known,
                             const PairingRules& rules);

/// Where the dictionary returns a variable as it is, the write of that variable; else `index`.
std::size_t aliased_write(const Trace& manual, std::size_t index);

/// Whether a later write of the same variable goes on from this one, so that its name speaks of
/// that: it adds to it, changes it in place, or outside of loops makes it anew from its value.
bool is_partial(const Trace& manual, std::size_t index);

}  // namespace gradient_check
