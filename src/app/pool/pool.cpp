#include "app/pool/pool.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>

#include "app/pool/interruption.h"
#include "app/pool/kills_by_others.h"
#include "app/pool/obituary.h"
#include "app/pool/schedule.h"
#include "gradient_check/case/program_file.h"
#include "wire/check_request.h"

namespace gradient_check::app {
namespace {

using Clock = std::chrono::steady_clock;
using wire::FrameKind;

/// A worker that has not answered by then never will; LibTorch may have to come from a slow disk.
constexpr std::chrono::seconds longest_start{120};
/// Kills that a run takes for somebody else's doing, of one case or of workers that start.
constexpr std::size_t most_kills = 50;
/// The same of one case where libraries are loaded: an operator may kill the process it runs in.
constexpr std::size_t most_kills_with_libraries = 10;

struct Seat {
  std::unique_ptr<WorkerProcess> worker;
  bool ready = false;
  bool watched = false;
  bool retired = false;
  std::optional<std::size_t> running;  ///< the case
  Clock::time_point since;             ///< of the case, or of the worker's start
};

CaseResult result_in(const std::string& payload, const std::string& path) {
  try {
    CaseResult result = case_result_from_json(nlohmann::ordered_json::from_cbor(payload));
    result.file = path;
    return result;
  } catch (const std::exception& error) {
    throw WorkerError(fmt::format("a worker's result of {} is none: {}", path, error.what()));
  }
}

class Run {
 public:
  Run(const std::vector<std::string>& paths, const PoolOptions& options, const PoolEvents& events)
      : paths_(paths),
        options_(options),
        events_(events),
        results_(paths.size()),
        outputs_(paths.size()),
        schedule_(paths.size(), options.fail_fast,
                  options.settings.libraries.empty() ? most_kills : most_kills_with_libraries),
        seats_(std::min(options.jobs, std::max<std::size_t>(paths.size(), 1))) {}

  PoolResult finish() {
    const Interruption interruption;
    for (const auto& [index, why] : options_.refused) {
      schedule_.withdraw(index);
      settle(index, refused_case(paths_[index], why));
    }
    while (!schedule_.is_done() && interruption.signal() == 0) {
      for (Seat& seat : seats_) fill(seat);
      wait(interruption);
      for (Seat& seat : seats_) attend(seat);
      tell();
    }
    seats_.clear();
    PoolResult result{{}, interruption.signal()};
    for (std::size_t i = 0; i < paths_.size(); ++i) result.cases.push_back(take_result(i));
    return result;
  }

 private:
  CaseResult take_result(std::size_t index) {
    const bool counts = index < schedule_.end();
    const bool refused = options_.refused.count(index) > 0;
    const bool ran = results_[index] && (counts || refused);
    CaseResult result = ran ? std::move(*results_[index]) : skipped_case(paths_[index]);
    result.skipped = !counts || !ran;
    if (const auto entry = options_.entries.find(index); entry != options_.entries.end())
      result.name = program_case_name(paths_[index], entry->second);
    return result;
  }

  std::string request_of(std::size_t index) const {
    const auto entry = options_.entries.find(index);
    return wire::to_bytes(
        wire::CheckRequest{paths_[index], entry == options_.entries.end() ? "" : entry->second});
  }

  /// Gives a free worker its next case; starts one where there is none.
  void fill(Seat& seat) {
    if (seat.running) return;
    if (!seat.worker) {
      if (const auto watched = schedule_.next_kind()) start(seat, *watched);
      return;
    }
    if (!schedule_.waits(seat.watched)) return exchange(seat);
    if (!seat.ready) return;
    seat.running = schedule_.take(seat.watched);
    seat.since = Clock::now();
    seat.worker->send(FrameKind::check, request_of(*seat.running));
    if (events_.progress) events_.progress(told_, paths_[*seat.running]);
  }

  /// For a worker whose kind nobody waits for: one of the other kind, where that is waited for.
  void exchange(Seat& seat) {
    if (!schedule_.waits(!seat.watched)) return;
    const bool others = std::any_of(seats_.begin(), seats_.end(), [&](const Seat& other) {
      return other.worker && !other.running && other.watched != seat.watched;
    });
    if (!others) start(seat, !seat.watched);
  }

  void start(Seat& seat, bool watched) {
    wire::WorkerSettings settings = options_.settings;
    settings.watch = watched;
    seat = {};
    try {
      seat.worker = std::make_unique<WorkerProcess>(
          settings, std::max<std::size_t>(options_.threads / seats_.size(), 1));
    } catch (const WorkerError&) {
      // Those that there are go on; this seat stays empty for now.
      if (std::any_of(seats_.begin(), seats_.end(),
                      [](const Seat& other) { return other.worker != nullptr; }))
        return;
      throw;
    }
    seat.watched = watched;
    seat.since = Clock::now();
  }

  /// Until something arrives, or some case's time is up.
  void wait(const Interruption& interruption) {
    std::vector<pollfd> descriptors{{interruption.descriptor(), POLLIN, 0}};
    auto until = Clock::now() + std::chrono::seconds(1);
    for (const Seat& seat : seats_) {
      if (!seat.worker) continue;
      descriptors.push_back({seat.worker->results(), POLLIN, 0});
      descriptors.push_back({seat.worker->output(), POLLIN, 0});
      if (const auto end = deadline(seat)) until = std::min(until, *end);
    }
    const auto before = Clock::now();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    ::poll(descriptors.data(), descriptors.size(), static_cast<int>(std::max<long>(left, 0)));
    allow_for_a_stop(before, std::chrono::milliseconds(left));
  }

  /// Where this process was stopped, or not let run, for longer than it wanted to wait, so were the
  /// workers: that is no time of theirs.
  void allow_for_a_stop(Clock::time_point before, std::chrono::milliseconds wanted) {
    const auto lost = Clock::now() - before - std::max(wanted, std::chrono::milliseconds(0));
    if (lost < std::chrono::seconds(1)) return;
    for (Seat& seat : seats_) seat.since += lost;
  }

  std::optional<Clock::time_point> deadline(const Seat& seat) const {
    if (!seat.ready) return seat.since + longest_start;
    const double timeout = options_.settings.timeout;
    if (!seat.running || timeout <= 0) return std::nullopt;
    return seat.since +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(timeout));
  }

  /// Takes what a worker has sent, and looks at whether it still lives and is in time.
  void attend(Seat& seat) {
    if (!seat.worker) return;
    seat.worker->receive_output();
    const bool alive = seat.worker->receive();
    while (auto frame = seat.worker->next_frame()) take(seat, *frame);
    if (seat.retired && !seat.running) return void(seat = {});
    if (!alive) return bury(seat);
    const auto end = deadline(seat);
    if (end && Clock::now() >= *end) expire(seat);
  }

  void take(Seat& seat, const wire::Frame& frame) {
    if (frame.kind == FrameKind::refused) throw WorkerError(frame.payload);
    if (frame.kind == FrameKind::ready) {
      seat.ready = true;
      failed_starts_ = 0;
      tell_of_start(seat);
    }
    if (frame.kind == FrameKind::started) seat.since = Clock::now();
    if (frame.kind == FrameKind::retired) seat.retired = true;
    if (frame.kind != FrameKind::finished || !seat.running) return;
    const std::size_t index = *seat.running;
    seat.running.reset();
    seat.worker->receive_output();
    outputs_[index] += seat.worker->take_output();
    settle(index, result_in(frame.payload, paths_[index]));
  }

  void settle(std::size_t index, CaseResult result) {
    schedule_.settle(index, result.passed());
    results_[index] = std::move(result);
  }

  void expire(Seat& seat) {
    if (!seat.running)
      throw WorkerError(fmt::format("a worker did not start within {} seconds{}",
                                    longest_start.count(), seat.worker->take_output()));
    const std::size_t index = *seat.running;
    seat.worker->kill();
    settle(index, result_of_timeout(paths_[index], options_.settings.timeout,
                                    seat.worker->last_operation(), seat.worker->take_output()));
    seat = {};
  }

  void bury(Seat& seat) {
    const Death death = seat.worker->death();
    const bool killed = kills_by_others_.is_one(death);
    if (!seat.running) {
      const std::string output = seat.worker->take_output();
      seat = {};
      if (++failed_starts_ > (killed ? most_kills : 3))
        throw WorkerError(fmt::format("workers die before they are ready: {}{}{}",
                                      death_text(death), output.empty() ? "" : ": ", output));
      return;
    }
    const std::size_t index = *seat.running;
    if (!schedule_.waits_again(index, killed ? Ending::kill : Ending::death)) {
      const std::string output = seat.worker->take_output();
      const wire::LastOperation last = seat.worker->last_operation();
      settle(index, death.signal == SIGKILL && !killed && !death.hung_up
                        ? result_of_memory(paths_[index], last, output)
                        : result_of_death(paths_[index], death, last, output));
    }
    seat = {};
  }

  /// What workers print before their first case is no case's; all print the same.
  void tell_of_start(Seat& seat) {
    seat.worker->receive_output();
    const std::string output = seat.worker->take_output();
    if (events_.output && !output.empty() && !std::exchange(told_of_start_, true))
      events_.output("gradient-check-worker", output);
  }

  /// Tells of cases in their order, whatever the order in which they were settled.
  void tell() {
    for (; told_ < schedule_.settled(); ++told_)
      if (events_.output && !outputs_[told_].empty())
        events_.output(paths_[told_], std::exchange(outputs_[told_], {}));
  }

  const std::vector<std::string>& paths_;
  const PoolOptions& options_;
  const PoolEvents& events_;
  std::vector<std::optional<CaseResult>> results_;
  std::vector<std::string> outputs_;
  Schedule schedule_;
  std::size_t told_ = 0;
  std::size_t failed_starts_ = 0;
  bool told_of_start_ = false;
  KillsByOthers kills_by_others_;
  std::vector<Seat> seats_;
};

}  // namespace

PoolResult check_in_workers(const std::vector<std::string>& paths, const PoolOptions& options,
                            const PoolEvents& events) {
  return Run(paths, options, events).finish();
}

}  // namespace gradient_check::app
