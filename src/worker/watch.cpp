#include "worker/watch.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>

namespace gradient_check::worker {
namespace {

// What the callback looks at: LibTorch takes a function, not an object.
wire::LastOperation* shared = nullptr;
std::atomic<const Subject*> subject_under_check{nullptr};
std::atomic<bool> with_places{false};

/// Where the operation that begins was written; a place without a line where that is not known.
Place place_of_operation() {
  const Subject* subject = with_places ? subject_under_check.load() : nullptr;
  const auto running = subject ? subject->running_place() : std::nullopt;
  return running ? running->place : Place{};
}

std::unique_ptr<at::ObserverContext> note(const at::RecordFunction& function) {
  const at::DisableRecordFunctionGuard no_recursion;
  // The place first: to find it takes most of the time, in which this process may be ended.
  const Place place = place_of_operation();
  wire::put_text(shared->name, function.name());
  wire::put_text(shared->file, place.file);
  wire::put_text(shared->source_line, place.source_line);
  shared->line = static_cast<std::uint32_t>(place.line);
  shared->column = static_cast<std::uint32_t>(place.column);
  shared->width = static_cast<std::uint32_t>(place.width);
  return nullptr;
}

/// In all threads, until the callback is removed.
at::CallbackHandle note_operations() {
  return at::addGlobalCallback(at::RecordFunctionCallback(note).scopes(
      {at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
}

}  // namespace

Watch::Watch(const wire::WorkerSettings& settings)
    : late_(settings.timeout > 0 ? std::max(settings.timeout * 0.9, settings.timeout - 2) : 0) {
  void* memory = ::mmap(nullptr, sizeof(wire::LastOperation), PROT_READ | PROT_WRITE, MAP_SHARED,
                        wire::last_operation_descriptor, 0);
  if (memory == MAP_FAILED) return;
  shared = static_cast<wire::LastOperation*>(memory);
  with_places = settings.watch;
  notes_always_ = settings.watch || !settings.libraries.empty();
  if (notes_always_) note_operations();
  if (late_ > 0) late_thread_ = std::thread([this] { wait_for_late_cases(); });
}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (late_thread_.joinable()) late_thread_.join();
}

void Watch::begin_case() {
  if (!shared) return;
  *shared = {};
  const std::lock_guard lock(mutex_);
  ++begun_;
  running_ = true;
  changed_.notify_all();
}

void Watch::set_subject(const Subject* subject) { subject_under_check = subject; }

void Watch::end_case() {
  const std::lock_guard lock(mutex_);
  running_ = false;
  changed_.notify_all();
}

void Watch::wait_for_late_cases() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    changed_.wait(lock, [&] { return running_ || stopped_; });
    const std::size_t watched = begun_;
    const bool in_time = changed_.wait_for(lock, std::chrono::duration<double>(late_), [&] {
      return !running_ || stopped_ || begun_ != watched;
    });
    if (in_time) continue;
    const bool had_places = with_places.exchange(true);
    const auto handle = notes_always_ ? std::nullopt : std::optional(note_operations());
    changed_.wait(lock, [&] { return !running_ || stopped_ || begun_ != watched; });
    if (handle) at::removeCallback(*handle);
    with_places = had_places;
  }
}

}  // namespace gradient_check::worker
