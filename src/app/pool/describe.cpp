#include "app/pool/describe.h"

#include <poll.h>

#include "app/pool/obituary.h"
#include "app/pool/worker_process.h"

namespace gradient_check::app {

std::string describe_in_worker(const wire::WorkerSettings& settings) {
  WorkerProcess worker(settings, 1);
  worker.send(wire::FrameKind::describe, "");
  while (true) {
    pollfd descriptor{worker.results(), POLLIN, 0};
    if (::poll(&descriptor, 1, 120'000) == 0) throw WorkerError("a worker does not answer");
    const bool alive = worker.receive();
    while (const auto frame = worker.next_frame()) {
      if (frame->kind == wire::FrameKind::refused) throw WorkerError(frame->payload);
      if (frame->kind == wire::FrameKind::described) return frame->payload;
    }
    if (!alive)
      throw WorkerError("a worker died before it answered: " + death_text(worker.death()));
  }
}

}  // namespace gradient_check::app
