// Operators that do what native code under test may do: each is the identity, and then some.
#include <ATen/ops/empty.h>
#include <torch/library.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

// What a compiler cannot see through.
volatile int zero = 0;

int deeper(int depth) {
  volatile char room[4096] = {};
  room[0] = static_cast<char>(depth);
  return zero == 0 ? deeper(depth + 1) + room[0] : 0;
}

[[noreturn]] void eat_memory() {
  std::vector<std::string> eaten;
  while (true) eaten.emplace_back(1U << 24U, 'x');
}

at::Tensor act(const at::Tensor& x, c10::string_view what) {
  const std::string act(what.data(), what.size());
  if (act == "segfault") *static_cast<volatile int*>(nullptr) = 1;
  if (act == "abort") std::abort();
  if (act == "words and abort") std::cerr << "last words\x1b[31m" << std::endl, std::abort();
  if (act == "divide") std::raise(SIGFPE);
  if (act == "exit") std::exit(3);
  if (act == "exit well") std::_Exit(0);
  if (act == "terminate") std::thread([] { throw 1; }).join();
  if (act == "overflow") deeper(0);
  if (act == "kill itself") std::raise(SIGKILL);
  if (act == "hang")
    while (zero == 0) {
    }
  if (act == "sleep")
    while (zero == 0) ::pause();
  if (act == "print for ever")
    while (zero == 0) std::puts("and on and on and on");
  if (act == "eat memory") eat_memory();
  if (act == "throw") throw 1;
  if (act == "print") std::puts("from stdout"), std::fputs("from stderr\n", stderr);
  if (act == "close")
    for (int i = 0; i < 10; ++i) ::close(i);
  return x.clone();
}

}  // namespace

TORCH_LIBRARY(hostile, m) { m.def("act(Tensor x, str what) -> Tensor", &act); }
