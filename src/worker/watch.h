#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "gradient_check/subject/operation_callback.h"
#include "gradient_check/subject/subject.h"
#include "wire/last_operation.h"
#include "wire/settings.h"

namespace gradient_check::worker {

/// Notes the operation that begins, with its place in the case, for whoever finds this process dead
/// or kills it: from the start where the settings say so, since another worker has died of the
/// case; names alone from the start where there are libraries; and all of it from when most of a
/// case's time is used up.
class Watch {
 public:
  explicit Watch(const wire::WorkerSettings& settings);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void begin_case();
  /// What places are asked of from now on; null: nothing.
  void set_subject(const Subject* subject);
  void end_case();

 private:
  void wait_for_late_cases();

  double late_;  ///< seconds
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t begun_ = 0;
  bool running_ = false, stopped_ = false, notes_always_ = false;
  std::thread late_thread_;
};

}  // namespace gradient_check::worker
