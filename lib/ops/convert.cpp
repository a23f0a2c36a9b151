// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/convert.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "lib/ops/cast.h"

namespace hone {
namespace {

// A float of 8 or 4 bits: `exponent` and `fraction` bits. `largest` is its greatest finite code, `overflow` what lies above it
// when values do not saturate.
struct SmallFloat {
  int exponent, fraction, bias;
  unsigned largest, overflow, nan;
  bool negative_zero;
};
SmallFloat small_float(DType dtype) {
  switch (dtype) {  // OCP 8-bit floating point and MX specifications; FNUZ: one NaN, no infinity, no negative zero
    case DType::f8e4m3fn: return {4, 3, 7, 0x7e, 0x7f, 0x7f, true};
    case DType::f8e4m3fnuz: return {4, 3, 8, 0x7f, 0x80, 0x80, false};
    case DType::f8e5m2: return {5, 2, 15, 0x7b, 0x7c, 0x7f, true};
    case DType::f8e5m2fnuz: return {5, 2, 16, 0x7f, 0x80, 0x80, false};
    default: return {2, 1, 1, 0x7, 0x7, 0x8, true};  // f4e2m1 has neither infinity nor NaN, which becomes -0
  }
}

unsigned encode(DType dtype, double value, bool saturate) {
  const SmallFloat f = small_float(dtype);
  const int total = 1 + f.exponent + f.fraction;
  const unsigned sign = std::signbit(value) ? 1u << (total - 1) : 0;
  if (std::isnan(value)) return f.negative_zero && total == 8 ? sign | f.nan : f.nan;
  const double magnitude = std::abs(value);
  unsigned code = f.largest + 1;
  if (magnitude == 0) {
    code = 0;  // has no exponent
  } else if (std::isfinite(magnitude)) {
    int exponent = 0;
    std::frexp(magnitude, &exponent);                                  // magnitude = m * 2^exponent, m in [0.5, 1)
    const int unit = std::max(exponent - 1, 1 - f.bias) - f.fraction;  // of the last fraction bit
    const double steps = std::nearbyint(std::ldexp(magnitude, -unit));
    const auto above = static_cast<std::int64_t>(unit + f.fraction - (1 - f.bias)) << f.fraction;  // steps before this binade
    const double whole = steps + static_cast<double>(above);  // a carry moves to the next binade by itself
    if (whole <= static_cast<double>(f.largest)) code = static_cast<unsigned>(whole);
  }
  if (code == 0 && !f.negative_zero) return 0;
  if (code > f.largest) {
    if (!saturate) return f.overflow == f.nan && f.nan == 0x80 ? f.nan : sign | f.overflow;
    code = f.largest;
  }
  return sign | code;
}

enum class PowerRounding { up, down, nearest };
struct Cast {
  bool saturate = true;
  PowerRounding rounding = PowerRounding::up;
};

// A power of two from 2^-127 to 2^127, without sign. What lies beyond becomes the nearest of them, or NaN unless it saturates.
unsigned encode_e8m0(double value, const Cast& cast) {
  if (std::isnan(value)) return 0xff;
  const double magnitude = std::abs(value);
  if (magnitude < 0x1p-127) return cast.saturate ? 0 : 0xff;
  if (magnitude > 0x1p127) return cast.saturate ? 0xfe : 0xff;
  int exponent = 0;
  const double m = std::frexp(magnitude, &exponent);  // in [0.5, 1)
  const bool up = cast.rounding == PowerRounding::up ? m > 0.5 : cast.rounding == PowerRounding::nearest && m >= 0.75;
  return static_cast<unsigned>(exponent - 1 + up + 127);
}

template <class T>
void put(std::byte* data, std::int64_t i, T value) {
  std::memcpy(data + i * static_cast<std::int64_t>(sizeof(T)), &value, sizeof(T));
}

void put_packed(std::byte* data, std::int64_t i, int bits, unsigned value) {
  const int per_byte = 8 / bits, shift = static_cast<int>(i % per_byte) * bits;
  const unsigned mask = ((1u << bits) - 1) << shift;
  data[i / per_byte] = static_cast<std::byte>((std::to_integer<unsigned>(data[i / per_byte]) & ~mask) | ((value << shift) & mask));
}

// What a C conversion does on x86, and so most runtimes: what does not fit 64 bits (32 for int32) is the least number.
std::int64_t truncate(DType dtype, double v) {
  if (dtype == DType::i32 && !(v > -2147483649.0 && v < 2147483648.0)) return INT32_MIN;
  if (!(v >= -9223372036854775808.0 && v < 9223372036854775808.0)) return INT64_MIN;  // NaN too
  return static_cast<std::int64_t>(v);
}

void put_integer(DType dtype, std::byte* data, std::int64_t i, std::int64_t v) {
  switch (bits(dtype)) {
    case 8: return put(data, i, static_cast<std::uint8_t>(v));
    case 16: return put(data, i, static_cast<std::uint16_t>(v));
    case 32: return put(data, i, static_cast<std::uint32_t>(v));
    case 64: return put(data, i, v);
    default: return put_packed(data, i, bits(dtype), static_cast<unsigned>(v));
  }
}

// The float whose rounding to 16 bits is that of v: inexact ones are made odd, so that they lie on no tie.
float float_for_16_bits(double v) {
  const float f = static_cast<float>(v);
  const auto u = std::bit_cast<std::uint32_t>(f);
  if (static_cast<double>(f) == v || !std::isfinite(f) || (u & 1)) return f;
  return std::bit_cast<float>(std::abs(static_cast<double>(f)) < std::abs(v) ? u + 1 : u - 1);
}

void put_float(DType dtype, std::byte* data, std::int64_t i, double v, const Cast& cast) {
  switch (dtype) {
    case DType::f32: return put(data, i, static_cast<float>(v));
    case DType::f64: return put(data, i, v);
    case DType::f16: return put(data, i, float_to_half(float_for_16_bits(v)));
    case DType::bf16: return put(data, i, float_to_bfloat(float_for_16_bits(v)));
    case DType::f4e2m1: return put_packed(data, i, 4, encode(dtype, v, true));
    case DType::f8e8m0: return put(data, i, static_cast<std::uint8_t>(encode_e8m0(v, cast)));
    default: return put(data, i, static_cast<std::uint8_t>(encode(dtype, v, cast.saturate)));
  }
}

void put_any(DType dtype, std::byte* data, std::int64_t i, double v, const Cast& cast) {
  if (dtype == DType::boolean)
    put(data, i, static_cast<std::uint8_t>(v != 0));
  else if (dtype == DType::u64 && v >= 9223372036854775808.0)
    put(data, i, v < 18446744073709551616.0 ? static_cast<std::uint64_t>(v) : UINT64_MAX);
  else if (is_integer(dtype))
    put_integer(dtype, data, i, truncate(dtype, v));
  else
    put_float(dtype, data, i, v, cast);
}

void put_any(DType dtype, std::byte* data, std::int64_t i, std::int64_t v, const Cast& cast) {
  if (dtype == DType::boolean)
    put(data, i, static_cast<std::uint8_t>(v != 0));
  else if (dtype == DType::f32)
    put(data, i, static_cast<float>(v));  // one rounding, not two
  else if (is_integer(dtype))
    put_integer(dtype, data, i, v);
  else
    put_float(dtype, data, i, static_cast<double>(v), cast);
}

std::string text_of(const Tensor& x, std::int64_t i) {
  if (x.dtype() == DType::boolean) return element(x, i) != 0 ? "1" : "0";
  if (x.dtype() == DType::u64) return format("{}", x.data<std::uint64_t>()[i]);
  if (x.dtype() == DType::i64) return format("{}", x.data<std::int64_t>()[i]);
  const double v = element(x, i);
  if (!is_float(x.dtype())) return format("{}", static_cast<std::int64_t>(v));
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "INF" : "-INF";
  return x.dtype() == DType::f64 ? format("{}", v) : format("{}", static_cast<float>(v));
}

Result<double> number_of(const std::string& text) {
  std::string_view s = text;
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  if (s.starts_with('+')) s.remove_prefix(1);
  double v = 0;
  const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), v);
  if (s.empty() || end != s.data() + s.size() || code == std::errc::invalid_argument)
    return invalid("the string '{}' is not a number", text);
  return v;
}

Result<Tensor> from_strings(const Tensor& x, DType dtype, const Cast& cast) {
  Tensor y = Tensor::allocate(dtype, x.dims());
  for (std::int64_t i = 0; i < x.count(); ++i) {
    const std::string& s = x.string_values()[static_cast<std::size_t>(i)];
    std::int64_t whole = 0;
    const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), whole);
    if (is_integer(dtype) && !s.empty() && end == s.data() + s.size() && code == std::errc()) {
      put_any(dtype, y.writable(), i, whole, cast);
      continue;
    }
    TRY(const double v, number_of(s));
    put_any(dtype, y.writable(), i, v, cast);
  }
  return y;
}

}  // namespace

Result<DType> numeric_attribute(const Node& node, std::string_view attribute, DType otherwise) {
  const auto* given = node.find<std::int64_t>(attribute);
  if (!given) return otherwise;
  const DType dtype = *given > 0 && *given <= static_cast<int>(DType::i2) ? static_cast<DType>(*given) : DType::undefined;
  if (dtype != DType::boolean && !is_float(dtype) && !is_integer(dtype))
    return invalid("{} is {}, which is no numeric type", attribute, *given);
  return dtype;
}

void store(Tensor& t, std::int64_t i, double value) { put_any(t.dtype(), t.writable(), i, value, {}); }
void store(Tensor& t, std::int64_t i, std::int64_t value) { put_any(t.dtype(), t.writable(), i, value, {}); }

namespace {

Result<Tensor> convert_by(const Tensor& x, DType dtype, const Cast& cast) {
  if (dtype == x.dtype()) return x;
  const auto plain = [](DType d) { return d == DType::boolean || is_float(d) || is_integer(d) || d == DType::string; };
  if (!plain(dtype) || !plain(x.dtype())) return invalid("cannot cast {} to {}", name(x.dtype()), name(dtype));
  if (dtype == DType::string) {
    std::vector<std::string> texts;
    for (std::int64_t i = 0; i < x.count(); ++i) texts.push_back(text_of(x, i));
    return Tensor::strings(x.dims(), std::move(texts));
  }
  if (x.dtype() == DType::string) return from_strings(x, dtype, cast);
  Tensor y = Tensor::allocate(dtype, x.dims());
  if (x.dtype() == DType::i64) {
    for (std::int64_t i = 0; i < x.count(); ++i) put_any(dtype, y.writable(), i, x.data<std::int64_t>()[i], cast);
  } else if (x.dtype() == DType::u64 && is_integer(dtype)) {
    for (std::int64_t i = 0; i < x.count(); ++i) put_integer(dtype, y.writable(), i, static_cast<std::int64_t>(x.data<std::uint64_t>()[i]));
  } else {
    for (std::int64_t i = 0; i < x.count(); ++i) put_any(dtype, y.writable(), i, element(x, i), cast);
  }
  return y;
}

}  // namespace

Result<Tensor> convert(const Tensor& x, DType dtype, bool saturate) { return convert_by(x, dtype, {.saturate = saturate}); }

Status check_cast(const Node& node) {
  const std::string_view mode = node.text("round_mode", "up");
  if (mode == "up" || mode == "down" || mode == "nearest") return Ok{};
  return invalid("round_mode is '{}', expected up, down or nearest", mode);
}

Result<Tensor> cast(const Node& node, const Tensor& x, DType dtype) {
  const std::string_view mode = node.text("round_mode", "up");
  return convert_by(x, dtype, {.saturate = node.integer("saturate", 1) != 0,
                               .rounding = mode == "down"      ? PowerRounding::down
                                           : mode == "nearest" ? PowerRounding::nearest
                                                               : PowerRounding::up});
}

}  // namespace hone
