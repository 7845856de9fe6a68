#pragma once

#include "wire/settings.h"

namespace gradient_check::worker {

/// Binds this process to the one that started it, and to what its settings allow: it dies with its
/// parent, is no one else's to interrupt, leaves no core file, and writes
/// nothing to files unless libraries or a GPU's driver may have to.
void set_limits(const wire::WorkerSettings& settings);

/// What Linux keeps from cases for good, where it can (landlock.h), unless libraries or a GPU's
/// driver may need it. After LibTorch and libraries are loaded, before the first thread of ours.
void confine(const wire::WorkerSettings& settings);

/// The processor time that a case may take from now on, for where nobody is left to watch the
/// clock.
void set_processor_time(double timeout);

/// From now on no more memory of its own than its settings allow.
void limit_memory(const wire::WorkerSettings& settings);

/// Whether more than half of what this process may take of memory is taken, by what earlier cases
/// have left: the next one should start afresh.
bool is_worn_out(const wire::WorkerSettings& settings);

}  // namespace gradient_check::worker
