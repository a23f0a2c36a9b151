// SPDX-License-Identifier: Apache-2.0
// Seeded random numbers that are the same everywhere: the standard library's distributions differ between implementations.
#pragma once
#include <cstdint>

namespace hone {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // In [0, n), by a multiply-high; its bias is below n / 2^64. REQUIRES: n > 0.
  std::uint64_t below(std::uint64_t n) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * n) >> 64);
  }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // [0, 1)
  // Approximately standard normal: the sum of 12 uniforms less 6. No libm call, whose last bit differs between machines.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

 private:
  std::uint64_t state_;
};

// What --seed says: where the random operators of a model begin that have no seed of their own.
inline std::uint64_t process_seed = 0;

}  // namespace hone
