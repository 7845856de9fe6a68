#pragma once

#include <cstdint>

#include "app/pool/worker_process.h"

namespace gradient_check::app {

/// Tells workers that somebody else killed, by no fault of their case, from those that the system
/// ended because memory or processor time ran out. From when it is made; for one run.
class KillsByOthers {
 public:
  KillsByOthers();
  /// To be asked once of each death.
  bool is_one(const Death& death);

 private:
  std::int64_t out_of_memory_kills_;  ///< of the whole system, so far; -1 where it does not tell
};

}  // namespace gradient_check::app
