#include "gradient_check/gradient/memory.h"

#include <malloc.h>

namespace gradient_check {

void give_back_freed_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace gradient_check
