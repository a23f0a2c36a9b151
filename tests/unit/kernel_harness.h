// SPDX-License-Identifier: Apache-2.0
// Runs one kernel of the table on buffers that are unaligned and guarded, at a given thread count.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"

namespace hone {

// A seeded generator: the same values everywhere.
struct Random {
  std::uint64_t state = 0x9e3779b97f4a7c15;
  std::uint64_t next() { return state ^= state << 13, state ^= state >> 7, state ^= state << 17; }
  std::int64_t integer(std::int64_t low, std::int64_t high) { return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1)); }
  float real(float low, float high) { return low + (high - low) * static_cast<float>(next() >> 40) / 16777216.0f; }
};

// n elements that start `shift` elements after an aligned address, with guard bytes behind them.
template <class T>
class Buffer {
 public:
  explicit Buffer(std::size_t n, std::size_t shift = 1, std::size_t guard = 64) : n_(n), shift_(shift), bytes_((shift + n) * sizeof(T) + guard, std::byte{0xa5}) {}
  T* data() { return reinterpret_cast<T*>(bytes_.data()) + shift_; }
  const T* data() const { return reinterpret_cast<const T*>(bytes_.data()) + shift_; }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }
  std::size_t size() const { return n_; }
  bool intact() const {
    for (std::size_t i = (shift_ + n_) * sizeof(T); i < bytes_.size(); ++i)
      if (bytes_[i] != std::byte{0xa5}) return false;
    return true;
  }
  bool same(const Buffer& other) const { return n_ == other.n_ && (n_ == 0 || std::memcmp(data(), other.data(), n_ * sizeof(T)) == 0); }

 private:
  std::size_t n_, shift_;
  std::vector<std::byte> bytes_;
};

template <class T>
Buffer<T> random_buffer(Random& random, std::size_t n, float low, float high, std::size_t shift = 1) {
  Buffer<T> b(n, shift, 0);  // no guard: a sanitizer sees a read past the end
  for (std::size_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<T, float>) b[i] = random.real(low, high);
    else b[i] = static_cast<T>(random.integer(static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)));
  }
  return b;
}

struct Free { void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{64}); } };
using Aligned = std::unique_ptr<std::byte[], Free>;
inline Aligned aligned_bytes(std::size_t n) { return Aligned(new (std::align_val_t{64}) std::byte[n + 1]); }

template <class P>
void run_kernel(const Kernel& k, const P& params, std::vector<const void*> constants, std::vector<const void*> in, std::vector<void*> out, int threads) {
  ASSERT_TRUE(!k.accepts || k.accepts(&params)) << k.name;
  const std::size_t packed_bytes = k.packed_bytes ? k.packed_bytes(&params) : 0;
  const Aligned packed = aligned_bytes(packed_bytes);
  if (packed_bytes) k.pack(&params, constants, packed.get());
  const Aligned scratch = aligned_bytes(k.scratch_bytes ? k.scratch_bytes(&params, threads) : 0);
  ThreadPool pool(threads);
  k.run({in, out, &params, packed_bytes ? packed.get() : nullptr, scratch.get(), pool});
}

// The kernels of a family that this CPU can run.
inline std::vector<const Kernel*> kernels_of(std::string_view op, DType dtype) {
  std::vector<const Kernel*> found;
  for (const Kernel* k : all_kernels())
    if (k->op == op && k->dtype == dtype && supported(k->isa)) found.push_back(k);
  return found;
}

// params.h, Requant.
inline std::uint8_t requantized(float real, std::int32_t low, std::int32_t high, std::int32_t zero) {
  const float r = std::fmin(std::fmax(real, static_cast<float>(low - zero)), static_cast<float>(high - zero));
  return static_cast<std::uint8_t>(static_cast<std::int32_t>(std::nearbyint(r)) + zero);
}

}  // namespace hone
