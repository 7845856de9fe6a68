#pragma once

namespace gradient_check {

/// Gives freed memory back to the system, where the allocator has kept it.
void give_back_freed_memory();

}  // namespace gradient_check
