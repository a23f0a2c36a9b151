// SPDX-License-Identifier: Apache-2.0
#include "lib/base/dtype.h"

#include <array>
#include <cmath>

namespace hone {
namespace {

enum class Kind : std::uint8_t { none, floating, signed_integer, unsigned_integer, other };
struct Row {
  DType dtype = DType::undefined;
  std::string_view name = "undefined";
  int bits = 0;
  Kind kind = Kind::none;
};
constexpr std::array rows{
    Row{},
    Row{DType::f32, "float", 32, Kind::floating},
    Row{DType::u8, "uint8", 8, Kind::unsigned_integer},
    Row{DType::i8, "int8", 8, Kind::signed_integer},
    Row{DType::u16, "uint16", 16, Kind::unsigned_integer},
    Row{DType::i16, "int16", 16, Kind::signed_integer},
    Row{DType::i32, "int32", 32, Kind::signed_integer},
    Row{DType::i64, "int64", 64, Kind::signed_integer},
    Row{DType::string, "string", 0, Kind::other},
    Row{DType::boolean, "bool", 8, Kind::other},
    Row{DType::f16, "float16", 16, Kind::floating},
    Row{DType::f64, "double", 64, Kind::floating},
    Row{DType::u32, "uint32", 32, Kind::unsigned_integer},
    Row{DType::u64, "uint64", 64, Kind::unsigned_integer},
    Row{DType::c64, "complex64", 64, Kind::other},
    Row{DType::c128, "complex128", 128, Kind::other},
    Row{DType::bf16, "bfloat16", 16, Kind::floating},
    Row{DType::f8e4m3fn, "float8e4m3fn", 8, Kind::floating},
    Row{DType::f8e4m3fnuz, "float8e4m3fnuz", 8, Kind::floating},
    Row{DType::f8e5m2, "float8e5m2", 8, Kind::floating},
    Row{DType::f8e5m2fnuz, "float8e5m2fnuz", 8, Kind::floating},
    Row{DType::u4, "uint4", 4, Kind::unsigned_integer},
    Row{DType::i4, "int4", 4, Kind::signed_integer},
    Row{DType::f4e2m1, "float4e2m1", 4, Kind::floating},
    Row{DType::f8e8m0, "float8e8m0", 8, Kind::floating},
    Row{DType::u2, "uint2", 2, Kind::unsigned_integer},
    Row{DType::i2, "int2", 2, Kind::signed_integer},
    Row{}, Row{},
    Row{DType::sequence, "seq", 0, Kind::none},
    Row{DType::optional, "optional", 0, Kind::none},
    Row{DType::map, "map", 0, Kind::none},
};
const Row& row(DType dtype) {
  const auto i = static_cast<std::size_t>(dtype);
  return rows[i < rows.size() ? i : 0];
}

}  // namespace

std::string_view name(DType dtype) { return row(dtype).name; }
int bits(DType dtype) { return row(dtype).bits; }
bool is_float(DType dtype) { return row(dtype).kind == Kind::floating; }
bool is_signed(DType dtype) { return row(dtype).kind == Kind::signed_integer || row(dtype).kind == Kind::floating; }
bool is_integer(DType dtype) { return row(dtype).kind == Kind::signed_integer || row(dtype).kind == Kind::unsigned_integer; }

std::optional<DType> dtype_from_name(std::string_view text) {
  for (const Row& r : rows)
    if (r.name == text && r.dtype != DType::undefined && !is_aggregate(r.dtype)) return r.dtype;
  return std::nullopt;
}

float half_to_float(std::uint16_t h) {
  const std::uint32_t sign = static_cast<std::uint32_t>(h & 0x8000) << 16;
  const std::uint32_t exponent = (h >> 10) & 31, fraction = h & 0x3ff;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000 | (fraction << 13));
  if (exponent == 0) return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(std::ldexp(static_cast<float>(fraction), -24)));
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

std::uint16_t float_to_half(float f) {
  const std::uint32_t u = std::bit_cast<std::uint32_t>(f);
  const std::uint32_t sign = (u >> 16) & 0x8000, magnitude = u & 0x7fffffff;
  if (magnitude > 0x7f800000) return static_cast<std::uint16_t>(sign | 0x7e00 | ((magnitude >> 13) & 0x1ff));
  if (magnitude >= 0x477ff000) return static_cast<std::uint16_t>(sign | 0x7c00);  // rounds to 65536 or more
  if (magnitude < 0x38800000) {                                                   // below 2^-14: subnormal half
    const float scaled = std::bit_cast<float>(magnitude) * 16777216.0f;           // in units of 2^-24, exact
    return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(std::nearbyint(scaled)));
  }
  const std::uint32_t rounded = magnitude + 0xfff + ((magnitude >> 13) & 1);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000) >> 13));
}

std::uint16_t float_to_bfloat(float f) {
  const std::uint32_t u = std::bit_cast<std::uint32_t>(f);
  if ((u & 0x7fffffff) > 0x7f800000) return static_cast<std::uint16_t>((u >> 16) | 0x40);
  return static_cast<std::uint16_t>((u + 0x7fff + ((u >> 16) & 1)) >> 16);
}

}  // namespace hone
