// SPDX-License-Identifier: Apache-2.0
// Element types, with ONNX's TensorProto.DataType numbers, and the 16-bit floats that C++20 lacks.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hone {

enum class DType : std::uint8_t {
  undefined = 0, f32 = 1, u8 = 2, i8 = 3, u16 = 4, i16 = 5, i32 = 6, i64 = 7, string = 8, boolean = 9, f16 = 10, f64 = 11,
  u32 = 12, u64 = 13, c64 = 14, c128 = 15, bf16 = 16, f8e4m3fn = 17, f8e4m3fnuz = 18, f8e5m2 = 19, f8e5m2fnuz = 20,
  u4 = 21, i4 = 22, f4e2m1 = 23, f8e8m0 = 24, u2 = 25, i2 = 26,
  sequence = 29, optional = 30, map = 31,  // no tensors; the numbers are ours
};
// Holds other values (Tensor::items) rather than elements.
constexpr bool is_aggregate(DType dtype) { return dtype >= DType::sequence; }

// The name of ONNX's textual syntax: "float", "int64", "bfloat16", ..., "seq", "optional", "map".
std::string_view name(DType);
std::optional<DType> dtype_from_name(std::string_view);  // of a tensor's elements
// Bits of one element; 0 for undefined, string and what holds other values. Elements under 8 bits are packed, the first in the low bits.
int bits(DType);
// Bytes of `count` elements, rounded up to a whole byte.
constexpr std::size_t bytes_of(int element_bits, std::size_t count) {
  return element_bits >= 8 ? count * static_cast<std::size_t>(element_bits / 8) : (count * static_cast<std::size_t>(element_bits) + 7) / 8;
}
inline std::size_t bytes_of(DType dtype, std::size_t count) { return bytes_of(bits(dtype), count); }
bool is_float(DType);    // any floating-point width
bool is_integer(DType);  // any integer width, signed or not; not boolean
bool is_signed(DType);

// IEEE 754 binary16 and bfloat16 as bits; conversion rounds half to even, keeps infinities, NaN stays NaN.
float half_to_float(std::uint16_t);
std::uint16_t float_to_half(float);
inline float bfloat_to_float(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
std::uint16_t float_to_bfloat(float);

struct Half {
  std::uint16_t bits = 0;
  Half() = default;
  explicit Half(float f) : bits(float_to_half(f)) {}
  explicit operator float() const { return half_to_float(bits); }
};
struct BFloat {
  std::uint16_t bits = 0;
  BFloat() = default;
  explicit BFloat(float f) : bits(float_to_bfloat(f)) {}
  explicit operator float() const { return bfloat_to_float(bits); }
};

template <class T> struct DTypeOf;
template <> struct DTypeOf<float> { static constexpr DType value = DType::f32; };
template <> struct DTypeOf<double> { static constexpr DType value = DType::f64; };
template <> struct DTypeOf<std::uint8_t> { static constexpr DType value = DType::u8; };
template <> struct DTypeOf<std::int8_t> { static constexpr DType value = DType::i8; };
template <> struct DTypeOf<std::uint16_t> { static constexpr DType value = DType::u16; };
template <> struct DTypeOf<std::int16_t> { static constexpr DType value = DType::i16; };
template <> struct DTypeOf<std::uint32_t> { static constexpr DType value = DType::u32; };
template <> struct DTypeOf<std::int32_t> { static constexpr DType value = DType::i32; };
template <> struct DTypeOf<std::uint64_t> { static constexpr DType value = DType::u64; };
template <> struct DTypeOf<std::int64_t> { static constexpr DType value = DType::i64; };
template <> struct DTypeOf<bool> { static constexpr DType value = DType::boolean; };
template <> struct DTypeOf<Half> { static constexpr DType value = DType::f16; };
template <> struct DTypeOf<BFloat> { static constexpr DType value = DType::bf16; };
template <class T> inline constexpr DType dtype_of = DTypeOf<T>::value;

}  // namespace hone
