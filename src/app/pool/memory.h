#pragma once

#include <cstddef>
#include <cstdint>

namespace gradient_check::app {

/// What a worker may take where the user does not say: four fifths of this machine's memory (of the
/// container's, where that is less) shared out to as many workers as there are cores, or to `jobs`
/// where these are more, and at least 2 GiB. It does not depend on `jobs` up to the cores, so that
/// a case fits or does not, however many run at a time.
std::uint64_t default_memory_bytes(std::size_t jobs);

/// How often the system has killed a process because memory ran out, since it started; -1 where it
/// does not tell.
std::int64_t out_of_memory_kills();

}  // namespace gradient_check::app
