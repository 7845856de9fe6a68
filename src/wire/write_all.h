#pragma once

#include <string_view>

namespace gradient_check::wire {

/// Writes all of it, however many calls that takes; false, with errno, where that cannot be done.
bool write_all(int descriptor, std::string_view bytes);

}  // namespace gradient_check::wire
