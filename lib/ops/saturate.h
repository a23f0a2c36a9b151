// SPDX-License-Identifier: Apache-2.0
// Reals to integers where ONNX says nothing of numbers that do not fit.
#pragma once
#include <limits>
#include <type_traits>

namespace hone {

// v as a T. A real becomes an integer by dropping its fraction; the nearest end of T's range when it lies beyond, 0 when it is NaN: C++ and
// ONNX leave these open, and so every machine gives the same. (Cast has its own rules: lib/ops/convert.h.)
template <class T, class V>
constexpr T to(V v) {
  if constexpr (std::is_integral_v<T> && std::is_floating_point_v<V>) {
    using Limits = std::numeric_limits<T>;
    constexpr V end = static_cast<V>(Limits::max() / 2 + 1) * 2;  // a power of two, exact in V
    if (!(v == v)) return 0;
    if (v >= end) return Limits::max();
    return v < static_cast<V>(Limits::min()) ? Limits::min() : static_cast<T>(v);
  } else {
    return static_cast<T>(v);
  }
}

}  // namespace hone
