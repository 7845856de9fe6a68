#pragma once

namespace gradient_check {

/// From now on memory that is freed is kept for the next tensor: to be given fresh pages by the
/// system costs more than to compute what goes into them.
void keep_freed_memory();

/// Gives freed memory back to the system, where the allocator has kept it.
void give_back_freed_memory();

}  // namespace gradient_check
