#include "app/pool/describe.h"

#include <poll.h>

#include "app/pool/obituary.h"
#include "app/pool/worker_process.h"

namespace gradient_check::app {

namespace {

using wire::FrameKind;

/// Seconds that a worker may take: to load LibTorch, or to try shapes as well.
constexpr int longest_answer = 120;

std::string ask(const wire::WorkerSettings& settings, FrameKind question,
                const std::string& payload, FrameKind answer) {
  WorkerProcess worker(settings, 1);
  worker.send(question, payload);
  while (true) {
    pollfd descriptor{worker.results(), POLLIN, 0};
    if (::poll(&descriptor, 1, longest_answer * 1000) == 0)
      throw WorkerError("a worker does not answer");
    const bool alive = worker.receive();
    while (const auto frame = worker.next_frame()) {
      if (frame->kind == FrameKind::refused) throw WorkerError(frame->payload);
      if (frame->kind == answer) return frame->payload;
    }
    if (!alive)
      throw WorkerError("a worker died before it answered: " + death_text(worker.death()));
  }
}

}  // namespace

std::string describe_in_worker(const wire::WorkerSettings& settings) {
  return ask(settings, FrameKind::describe, "", FrameKind::described);
}

std::vector<std::string> entries_in_worker(const wire::WorkerSettings& settings,
                                           const std::string& path) {
  return wire::names_from_bytes(ask(settings, FrameKind::entries, path, FrameKind::listed));
}

wire::Draft draft_in_worker(const wire::WorkerSettings& settings,
                            const wire::CheckRequest& request) {
  return wire::draft_from_bytes(
      ask(settings, FrameKind::draft, wire::to_bytes(request), FrameKind::drafted));
}

}  // namespace gradient_check::app
