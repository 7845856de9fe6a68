// libFuzzer's entry: GRADIENT_CHECK_FUZZ names the target. cmake/fuzz.sh builds and runs it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gradient_check::fuzz::Target;
  static const Target* const chosen = [] {
    const char* name = std::getenv("GRADIENT_CHECK_FUZZ");
    for (const Target* target : gradient_check::fuzz::targets())
      if (name && std::string(name) == target->name) return target;
    std::fputs("GRADIENT_CHECK_FUZZ names no target\n", stderr);
    std::exit(2);
  }();
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
