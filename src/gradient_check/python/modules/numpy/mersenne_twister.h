#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace gradient_check::python {

/// MT19937 as numpy.random.RandomState runs it, with the numbers that NumPy draws from it.
class MersenneTwister {
 public:
  void seed(std::uint32_t seed) {
    for (std::uint32_t i = 0; i < size; ++i) {
      key_[i] = seed;
      seed = 1812433253u * (seed ^ (seed >> 30)) + i + 1;
    }
    at_ = size;
    has_gauss_ = false;
  }

  void seed(const std::vector<std::uint32_t>& seeds) {
    seed(19650218u);
    std::uint32_t i = 1, j = 0;
    const auto mix = [&](std::uint32_t factor) {
      return key_[i] ^ ((key_[i - 1] ^ (key_[i - 1] >> 30)) * factor);
    };
    const auto advance = [&] {
      if (++i < size) return;
      key_[0] = key_[size - 1];
      i = 1;
    };
    for (std::size_t k = std::max<std::size_t>(size, seeds.size()); k > 0; --k) {
      key_[i] = mix(1664525u) + seeds[j] + j;
      advance();
      if (++j >= seeds.size()) j = 0;
    }
    for (std::size_t k = size - 1; k > 0; --k) {
      key_[i] = mix(1566083941u) - i;
      advance();
    }
    key_[0] = 0x80000000u;
    has_gauss_ = false;
  }

  std::uint32_t bits() {
    if (at_ == size) refill();
    std::uint32_t y = key_[at_++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
  }
  std::uint64_t long_bits() {
    const std::uint64_t high = bits();
    return high << 32 | bits();
  }
  /// Of [0, 1), with 53 bits.
  double uniform() {
    const std::uint32_t a = bits() >> 5, b = bits() >> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
  }
  /// The polar method; every second call gives what the one before kept.
  double gauss() {
    if (has_gauss_) {
      has_gauss_ = false;
      return gauss_;
    }
    double x1 = 0, x2 = 0, r2 = 0;
    do {
      x1 = 2.0 * uniform() - 1.0;
      x2 = 2.0 * uniform() - 1.0;
      r2 = x1 * x1 + x2 * x2;
    } while (r2 >= 1.0 || r2 == 0.0);
    const double f = std::sqrt(-2.0 * std::log(r2) / r2);
    gauss_ = f * x1;
    has_gauss_ = true;
    return f * x2;
  }
  /// Of 0 … largest: masked bits, drawn again while they are too large.
  std::uint64_t bounded(std::uint64_t largest) {
    if (largest == 0) return 0;
    std::uint64_t mask = largest;
    for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
    std::uint64_t value = 0;
    do {
      value = (largest <= 0xffffffffu ? bits() : long_bits()) & mask;
    } while (value > largest);
    return value;
  }

 private:
  static constexpr std::uint32_t size = 624, ahead = 397;
  void refill() {
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::uint32_t y = (key_[i] & 0x80000000u) | (key_[(i + 1) % size] & 0x7fffffffu);
      key_[i] = key_[(i + ahead) % size] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0u);
    }
    at_ = 0;
  }

  std::array<std::uint32_t, size> key_{};
  std::uint32_t at_ = size;
  bool has_gauss_ = false;
  double gauss_ = 0;
};

}  // namespace gradient_check::python
