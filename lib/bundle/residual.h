// SPDX-License-Identifier: Apache-2.0
// Differences of elements, as docs/bundle.md section 4 defines them; shared by what makes and what undoes them.
#pragma once
#include <cstring>
#include <type_traits>

#include "lib/base/bytes.h"

namespace hone {

// IEEE bits in the order of their values: negative numbers reversed below the positive ones.
template <class T> T to_ordered(T x) { return x >> (sizeof(T) * 8 - 1) ? static_cast<T>(~x) : static_cast<T>(x | (T{1} << (sizeof(T) * 8 - 1))); }
template <class T> T from_ordered(T x) { return x >> (sizeof(T) * 8 - 1) ? static_cast<T>(x & ~(T{1} << (sizeof(T) * 8 - 1))) : static_cast<T>(~x); }
template <class T> T zigzag(T d) { return static_cast<T>(static_cast<T>(d << 1) ^ static_cast<T>(-static_cast<T>(d >> (sizeof(T) * 8 - 1)))); }
template <class T> T unzigzag(T z) { return static_cast<T>(static_cast<T>(z >> 1) ^ static_cast<T>(-static_cast<T>(z & 1))); }

// A difference as it is away from zero, or back again: training tends to let all weights grow, or to let all shrink.
template <class T> T outward(T difference, T base) {
  const T negative = static_cast<T>(T{0} - (base >> (sizeof(T) * 8 - 1)));
  return static_cast<T>((difference ^ negative) - negative);
}

// Of floats in their order: what leads to zero.
template <class T> T residual_of_zero(T base) { return zigzag(outward(static_cast<T>(to_ordered(T{0}) - to_ordered(base)), base)); }

template <class T> T load(Bytes bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}
template <class T> void store(std::span<std::byte> bytes, std::size_t i, T value) { std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T)); }

// Calls f with a value of the unsigned type of that width.
template <class F> auto by_width(std::size_t width, F f) {
  switch (width) {
    case 1: return f(std::uint8_t{});
    case 2: return f(std::uint16_t{});
    case 4: return f(std::uint32_t{});
    default: return f(std::uint64_t{});
  }
}

}  // namespace hone
