#pragma once

#include <string>
#include <vector>

namespace gradient_check::worker {

/// Takes from this thread, and from all that it starts, what no case needs, whatever LibTorch is
/// made to do: to write, make, move or remove files, to read any but those beneath `readable` and
/// what LibTorch's own libraries may look up, to run programs, and, where Linux can (6.7, 6.12), to
/// reach other machines by TCP and other processes by signals. For ever; files that are open stay
/// so. Returns false where Linux has no Landlock (before 5.13, or switched off): nothing is taken
/// then. https://docs.kernel.org/userspace-api/landlock.html
bool confine_to(const std::vector<std::string>& readable);

}  // namespace gradient_check::worker
