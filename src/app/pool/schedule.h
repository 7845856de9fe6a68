#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace gradient_check::app {

/// Why the worker of a case is gone.
enum class Ending {
  death,  ///< the case may be to blame
  kill,   ///< somebody else's doing
};

/// Which case is run next and where a run ends, whoever runs them: cases by their index, in order.
/// A case whose worker died runs once more, in one that notes what it does; so does one that was
/// killed for the third time.
class Schedule {
 public:
  /// `most_kills`: of one case, that are taken for somebody else's doing.
  Schedule(std::size_t cases, bool fail_fast, std::size_t most_kills);

  /// A case is not to be run: it has its result already.
  void withdraw(std::size_t index);
  /// Whether a case waits for a worker that is watched, or for one that is not.
  bool waits(bool watched) const;
  /// What kind the first case that waits asks for; nothing where none waits.
  std::optional<bool> next_kind() const;
  /// The next case for a worker of that kind, which waits no longer.
  std::optional<std::size_t> take(bool watched);
  /// A case lost its worker: whether it waits again. Else it is to be settled.
  bool waits_again(std::size_t index, Ending ending);
  /// A case has its result. With fail_fast, cases behind the first that did not pass do not count,
  /// settled or not.
  void settle(std::size_t index, bool passed);

  /// Cases from there on do not count.
  std::size_t end() const { return end_; }
  /// All cases before this one are settled.
  std::size_t settled() const { return settled_; }
  bool is_done() const { return settled_ >= end_; }

 private:
  struct State {
    std::size_t deaths = 0, kills = 0;
    bool settled = false;
  };
  bool is_watched(std::size_t index) const;

  std::vector<State> states_;
  std::deque<std::size_t> waiting_;
  bool fail_fast_;
  std::size_t most_kills_, end_, settled_ = 0;
};

}  // namespace gradient_check::app
