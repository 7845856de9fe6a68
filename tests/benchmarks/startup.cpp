// The least that a program on LibTorch can do: adds two tensors.
#include <ATen/ops/add.h>
#include <ATen/ops/ones.h>

int main() { return at::add(at::ones({2}), at::ones({2})).numel() == 2 ? 0 : 1; }
