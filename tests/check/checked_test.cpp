#include "gradient_check/checked.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

namespace gradient_check {
namespace {

std::string message_of(const std::string& thrown) {
  return checked([&]() -> CaseResult { throw std::runtime_error(thrown); }).message;
}

TEST(Checked, TellsWhenMemoryIsOut) {
  EXPECT_EQ(checked([]() -> CaseResult { throw std::bad_alloc(); }).message, "out of memory");
  EXPECT_EQ(message_of("[enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate "
                       "memory: you tried to allocate 4096 bytes. Error code 12"),
            "out of memory: 4096 bytes were asked for");
  EXPECT_EQ(message_of("DefaultCPUAllocator: not enough memory: you tried to allocate 64 bytes."),
            "out of memory: 64 bytes were asked for");
  EXPECT_EQ(message_of("RuntimeError: std::bad_alloc"), "out of memory");
  EXPECT_EQ(message_of("CUDA out of memory. Tried to allocate 2.00 GiB"), "out of memory");
}

TEST(Checked, TakesNothingElseForThat) {
  for (const char* other :
       {"The tensor has a non-zero number of elements, but its data is not allocated yet. Caffe2 "
        "uses a lazy allocation, so you will need to call mutable_data() or raw_mutable_data() to "
        "actually allocate memory",
        "the pool could not allocate memory blocks of 3 bytes", "no bad_alloc here"})
    EXPECT_EQ(message_of(other).find("out of memory"), std::string::npos) << other;
}

}  // namespace
}  // namespace gradient_check
