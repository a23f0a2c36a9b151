// SPDX-License-Identifier: Apache-2.0
// From an element type known at run time to a C++ type:
//   dispatch(x.dtype(), Floats{}, [&]<class T>(Type<T>) { const T* in = x.data<T>(); ... });
// The lambda returns nothing or a Status. Each type of the list makes one more copy of the lambda, and the device binary must
// stay small: keep lists short and only inner loops inside.
#pragma once
#include <cstring>
#include <type_traits>

#include "lib/base/dtype.h"
#include "lib/base/result.h"

namespace hone {

template <class T>
struct Type {
  using type = T;
};
template <class... T>
struct Types {};
using Floats = Types<float, double, Half, BFloat>;
using Integers = Types<std::int64_t, std::int32_t, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::uint32_t, std::uint64_t>;
using Numbers = Types<float, double, Half, BFloat, std::int64_t, std::int32_t, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t,
                      std::uint32_t, std::uint64_t>;
using NumbersAndBool = Types<float, double, Half, BFloat, std::int64_t, std::int32_t, std::int8_t, std::uint8_t, std::int16_t,
                             std::uint16_t, std::uint32_t, std::uint64_t, bool>;

// The type in which elements of T are computed: 16-bit floats in float, the others in themselves.
template <class T>
inline constexpr bool is_half_width = std::is_same_v<T, Half> || std::is_same_v<T, BFloat>;
template <class T>
using Wide = std::conditional_t<is_half_width<T>, float, T>;
// What std::is_floating_point says of T's Wide type.
template <class T>
inline constexpr bool is_real = std::is_floating_point_v<Wide<T>>;

// Calls f with the listed type that dtype is; false when it is none of them.
template <class... T, class F>
bool visit(DType dtype, Types<T...>, F&& f) {
  return ((dtype == dtype_of<T> && (f(Type<T>{}), true)) || ...);
}

Error unsupported(DType);  // "element type string is not supported"

template <class... T, class F>
Status dispatch(DType dtype, Types<T...> types, F&& f) {
  Status status = Ok{};
  const bool known = visit(dtype, types, [&](auto type) {
    if constexpr (std::is_void_v<decltype(f(type))>)
      f(type);
    else
      status = f(type);
  });
  return known ? std::move(status) : Status(unsupported(dtype));
}

// For loops that only move elements: f gets the unsigned integer type of the element's width (8, 16, 32 or 64 bits).
template <class F>
Status dispatch_width(DType dtype, F&& f) {
  switch (bits(dtype)) {
    case 8: return dispatch(DType::u8, Types<std::uint8_t>{}, f);
    case 16: return dispatch(DType::u16, Types<std::uint16_t>{}, f);
    case 32: return dispatch(DType::u32, Types<std::uint32_t>{}, f);
    case 64: return dispatch(DType::u64, Types<std::uint64_t>{}, f);
    default: return unsupported(dtype);
  }
}

}  // namespace hone
