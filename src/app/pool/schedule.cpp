#include "app/pool/schedule.h"

#include <algorithm>
#include <numeric>

namespace gradient_check::app {

Schedule::Schedule(std::size_t cases, bool fail_fast, std::size_t most_kills)
    : states_(cases), waiting_(cases), fail_fast_(fail_fast), most_kills_(most_kills), end_(cases) {
  std::iota(waiting_.begin(), waiting_.end(), std::size_t{0});
}

void Schedule::withdraw(std::size_t index) { std::erase(waiting_, index); }

bool Schedule::is_watched(std::size_t index) const {
  return states_[index].deaths > 0 || states_[index].kills > 2;
}

bool Schedule::waits(bool watched) const {
  return std::any_of(waiting_.begin(), waiting_.end(), [&](std::size_t index) {
    return index < end_ && is_watched(index) == watched;
  });
}

std::optional<bool> Schedule::next_kind() const {
  const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                 [&](std::size_t index) { return index < end_; });
  return next == waiting_.end() ? std::nullopt : std::optional(is_watched(*next));
}

std::optional<std::size_t> Schedule::take(bool watched) {
  const auto next = std::find_if(waiting_.begin(), waiting_.end(), [&](std::size_t index) {
    return index < end_ && is_watched(index) == watched;
  });
  if (next == waiting_.end()) return std::nullopt;
  const std::size_t index = *next;
  waiting_.erase(next);
  return index;
}

bool Schedule::waits_again(std::size_t index, Ending ending) {
  State& state = states_[index];
  ++(ending == Ending::kill ? state.kills : state.deaths);
  if (state.deaths > 1 || state.kills > most_kills_) return false;
  waiting_.push_front(index);
  return true;
}

void Schedule::settle(std::size_t index, bool passed) {
  if (fail_fast_ && !passed) end_ = std::min(end_, index + 1);
  states_[index].settled = true;
  while (settled_ < end_ && states_[settled_].settled) ++settled_;
}

}  // namespace gradient_check::app
