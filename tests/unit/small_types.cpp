// SPDX-License-Identifier: Apache-2.0
// Numbers of 8, 4 and 2 bits, every bit pattern of them, against values computed here from the format definitions: reading, rounding (to
// nearest, ties to even), saturation, infinities, NaN; then quantization and the operators that move packed elements.
#include <gtest/gtest.h>

#include <cmath>

#include "lib/ir/text.h"
#include "lib/ops/convert.h"
#include "lib/ops/interpreter.h"
#include "lib/ops/upgrade.h"

using namespace hone;

namespace {

// A float of `bits` with `exponent` exponent bits. FN: no infinities; UZ: no negative zero, whose code is the only NaN; none: neither.
enum class Special { ieee, fn, fnuz, none };
struct Format {
  DType dtype;
  int bits, exponent, bias;
  Special special;
};
constexpr Format formats[] = {
    {DType::f8e4m3fn, 8, 4, 7, Special::fn},   {DType::f8e4m3fnuz, 8, 4, 8, Special::fnuz},   {DType::f8e5m2, 8, 5, 15, Special::ieee},
    {DType::f8e5m2fnuz, 8, 5, 16, Special::fnuz}, {DType::f4e2m1, 4, 2, 1, Special::none},
};

// What a code means if it is a number at all: (-1)^s 2^(e - bias) 1.f, or (-1)^s 2^(1 - bias) 0.f for e = 0.
double number(const Format& f, unsigned code) {
  const int fraction_bits = f.bits - 1 - f.exponent;
  const unsigned magnitude = code & ((1u << (f.bits - 1)) - 1), e = magnitude >> fraction_bits, m = magnitude & ((1u << fraction_bits) - 1);
  const double fraction = static_cast<double>(m) / (1 << fraction_bits);
  const double v = e == 0 ? std::exp2(1 - f.bias) * fraction : std::exp2(static_cast<int>(e) - f.bias) * (1 + fraction);
  return code >> (f.bits - 1) ? -v : v;
}
// The greatest code of a finite number.
unsigned largest(const Format& f) {
  switch (f.special) {
    case Special::ieee: return 0x7b;
    case Special::fn: return 0x7e;
    case Special::fnuz: return 0x7f;
    default: return 7;
  }
}
bool is_nan(const Format& f, unsigned code) {
  const unsigned magnitude = code & 0x7f;
  switch (f.special) {
    case Special::ieee: return magnitude > 0x7c;
    case Special::fn: return magnitude == 0x7f;
    case Special::fnuz: return code == 0x80;
    default: return false;
  }
}

unsigned code_of(const Tensor& t, std::size_t i = 0) {
  const int width = bits(t.dtype()), per_byte = 8 / width;
  const unsigned byte = std::to_integer<unsigned>(t.bytes()[i / static_cast<std::size_t>(per_byte)]);
  return byte >> (static_cast<int>(i) % per_byte * width) & ((1u << width) - 1);
}
Tensor all_codes(DType dtype) {
  const int width = bits(dtype);
  Tensor t = Tensor::allocate(dtype, {std::int64_t{1} << width});
  for (unsigned code = 0; code < 1u << width; ++code) {
    const std::size_t per_byte = static_cast<std::size_t>(8 / width);
    t.writable()[code / per_byte] |= static_cast<std::byte>(code << (code % per_byte * static_cast<std::size_t>(width)));
  }
  return t;
}

// The code nearest to v, found by trying all; of two as near, the even one.
unsigned nearest(const Format& f, double v, bool saturate) {
  const unsigned sign = std::signbit(v) ? 1u << (f.bits - 1) : 0;
  const double magnitude = std::abs(v);
  unsigned best = 0;
  for (unsigned code = 1; code <= largest(f) + 1; ++code) {  // one past the largest: what overflow rounds to
    const double above = code == 1u << (f.bits - 1) ? 2 * number(f, code - 1) - number(f, code - 2) : number(f, code);
    const double there = std::abs(above - magnitude), here = std::abs((best == 0 ? 0 : number(f, best)) - magnitude);
    if (there < here || (there == here && code % 2 == 0)) best = code;
  }
  if (best > largest(f)) {
    if (saturate || f.special == Special::none) return sign | largest(f);
    return f.special == Special::fnuz ? 0x80 : sign | (f.special == Special::fn ? 0x7f : 0x7c);
  }
  return best == 0 && f.special == Special::fnuz ? 0 : sign | best;
}

unsigned convert_one(double v, DType dtype, bool saturate) {
  const auto t = convert(Tensor::scalar<double>(v), dtype, saturate);
  EXPECT_TRUE(t);
  return t ? code_of(*t) : 0;
}

Tensor run(std::string_view text, const NamedTensors& inputs) {
  auto model = parse_text(text);
  EXPECT_TRUE(model) << (model ? "" : model.error().message);
  const Status upgraded = upgrade(*model);
  EXPECT_TRUE(upgraded) << (upgraded ? "" : upgraded.error().message);
  auto outputs = interpret(*model->graph, inputs);
  EXPECT_TRUE(outputs) << (outputs ? "" : outputs.error().message);
  return outputs ? outputs->at(0) : Tensor();
}

TEST(SmallFloats, EveryCodeIsRead) {
  for (const Format& f : formats) {
    const Tensor t = all_codes(f.dtype);
    for (unsigned code = 0; code < 1u << f.bits; ++code) {
      const double v = element(t, code);
      if (is_nan(f, code)) {
        EXPECT_TRUE(std::isnan(v)) << name(f.dtype) << " " << code;
      } else {
        const bool infinite = f.special == Special::ieee && (code & 0x7f) == 0x7c;
        EXPECT_EQ(v, infinite ? (code & 0x80 ? -INFINITY : INFINITY) : number(f, code)) << name(f.dtype) << " " << code;
      }
    }
  }
  const Tensor powers = all_codes(DType::f8e8m0);
  for (unsigned code = 0; code < 255; ++code) EXPECT_EQ(element(powers, code), std::exp2(static_cast<int>(code) - 127));
  EXPECT_TRUE(std::isnan(element(powers, 255)));
}

TEST(SmallFloats, NumbersBetweenCodesRoundToTheNearest) {
  for (const Format& f : formats)
    for (const bool saturate : {true, false})
      for (unsigned code = 0; code <= largest(f); ++code) {
        const double low = number(f, code), high = code == largest(f) ? 2 * low - number(f, code - 1) : number(f, code + 1), middle = (low + high) / 2;
        for (const double v : {low, std::nextafter(low, high), std::nextafter(middle, low), middle, std::nextafter(middle, high), high, high * 2})
          for (const double x : {v, -v})
            EXPECT_EQ(convert_one(x, f.dtype, saturate), nearest(f, x, saturate)) << name(f.dtype) << " of " << x << " saturate " << saturate;
      }
}

TEST(SmallFloats, WhatIsNoNumber) {
  for (const Format& f : formats) {
    if (f.special == Special::none) continue;
    for (const double sign : {1.0, -1.0}) {
      const unsigned top = sign < 0 && f.special != Special::fnuz ? 0x80 : 0;
      EXPECT_TRUE(is_nan(f, convert_one(std::copysign(NAN, sign), f.dtype, true)));
      const unsigned nan = convert_one(std::copysign(NAN, sign), f.dtype, false);
      EXPECT_TRUE(is_nan(f, nan));
      EXPECT_EQ(nan & 0x80, f.special == Special::fnuz ? 0x80u : top);
      EXPECT_EQ(convert_one(sign * INFINITY, f.dtype, true), (sign < 0 ? 0x80u : 0u) | largest(f)) << name(f.dtype);
      EXPECT_EQ(convert_one(sign * INFINITY, f.dtype, false), f.special == Special::ieee ? (top | 0x7c) : f.special == Special::fn ? (top | 0x7f) : 0x80u);
    }
    EXPECT_EQ(convert_one(-0.0, f.dtype, true), f.special == Special::fnuz ? 0u : 0x80u);
  }
}

TEST(SmallFloats, PowersOfTwo) {
  const auto to = [](std::string_view attributes, float v) {
    return code_of(run(format("<ir_version: 13, opset_import: [\"\" : 25]> m (float[1] x) => (float8e8m0[1] y) {{ y = Cast <to = 24{}> (x) }}", attributes),
                       {{"x", Tensor::of<float>({1}, {v})}}));
  };
  for (unsigned code = 1; code < 254; ++code) {
    const float v = std::exp2(static_cast<float>(code) - 127), half = v * 1.5f;
    EXPECT_EQ(to("", v), code);
    EXPECT_EQ(to("", std::nextafter(v, 1e38f)), code + 1);
    EXPECT_EQ(to(", round_mode = \"down\"", std::nextafter(2 * v, 0.0f)), code);
    EXPECT_EQ(to(", round_mode = \"nearest\"", std::nextafter(half, 0.0f)), code);
    EXPECT_EQ(to(", round_mode = \"nearest\"", half), code + 1);
  }
  EXPECT_EQ(to("", 0), 0u);
  EXPECT_EQ(to("", INFINITY), 254u);
  EXPECT_EQ(to("", 3e38f), 254u);
  EXPECT_EQ(to("", 1e-45f), 0u);
  EXPECT_EQ(to("", NAN), 255u);
  for (const float v : {0.0f, 1e-45f, 3e38f, INFINITY, NAN}) EXPECT_EQ(to(", saturate = 0, round_mode = \"nearest\"", v), 255u) << v;
}

TEST(Halves, SumsInDoubleRoundOnce) {
  // 1 + 2^-11 is a tie of float16, a little more is not: going through float would lose the little.
  EXPECT_EQ(element(*convert(Tensor::scalar<double>(1 + 0x1p-11 + 0x1p-40), DType::f16), 0), 1 + 0x1p-10);
  EXPECT_EQ(element(*convert(Tensor::scalar<double>(1 + 0x1p-11), DType::f16), 0), 1);
  EXPECT_EQ(element(*convert(Tensor::scalar<double>(1 + 3 * 0x1p-11 - 0x1p-40), DType::f16), 0), 1 + 0x1p-10);
  EXPECT_EQ(element(*convert(Tensor::scalar<double>(1 + 0x1p-8 + 0x1p-40), DType::bf16), 0), 1 + 0x1p-7);
}

constexpr DType small_integers[] = {DType::i4, DType::u4, DType::i2, DType::u2, DType::i8, DType::u8};

TEST(SmallIntegers, EveryCodeIsReadAndWritten) {
  for (const DType dtype : small_integers) {
    const Tensor t = all_codes(dtype);
    const auto count = std::int64_t{1} << bits(dtype);
    for (std::int64_t code = 0; code < count; ++code)
      EXPECT_EQ(element(t, code), static_cast<double>(is_signed(dtype) && code >= count / 2 ? code - count : code)) << name(dtype);
    const auto wide = convert(t, DType::i64);
    ASSERT_TRUE(wide);
    EXPECT_TRUE(identical(*convert(*wide, dtype), t)) << name(dtype);
    // Integers too wide lose their upper bits.
    Tensor far = Tensor::allocate(DType::i64, {count});
    for (std::int64_t i = 0; i < count; ++i) far.data<std::int64_t>()[i] = i + 5 * count;
    EXPECT_TRUE(identical(*convert(far, dtype), t)) << name(dtype);
  }
}

TEST(SmallIntegers, Quantization) {
  for (const DType dtype : small_integers) {
    const double low = is_signed(dtype) ? -std::exp2(bits(dtype) - 1) : 0, high = low + std::exp2(bits(dtype)) - 1;
    const Tensor zero = *convert(Tensor::scalar<double>(1), dtype), scale = Tensor::scalar<float>(0.5f);
    Tensor x = Tensor::allocate(DType::f32, {400});
    for (std::int64_t i = 0; i < 400; ++i) x.data<float>()[i] = static_cast<float>(i - 200) / 4 + (bits(dtype) == 8 ? static_cast<float>(i - 200) / 2 : 0);
    const std::string type(name(dtype));
    const Tensor q = run(format("<ir_version: 13, opset_import: [\"\" : 25]> m (float[400] x, float s, {0} z) => ({0}[400] y) {{ y = QuantizeLinear (x, s, z) }}", type),
                         {{"x", x}, {"s", scale}, {"z", zero}});
    for (std::int64_t i = 0; i < 400; ++i)
      EXPECT_EQ(element(q, i), std::fmin(high, std::fmax(low, std::nearbyint(static_cast<double>(x.data<float>()[i]) * 2) + 1))) << type << " " << i;
    const Tensor codes = all_codes(dtype);
    const Tensor d = run(format("<ir_version: 13, opset_import: [\"\" : 25]> m ({0}[n] x, float s, {0} z) => (float[n] y) {{ y = DequantizeLinear (x, s, z) }}", type),
                         {{"x", codes}, {"s", scale}, {"z", zero}});
    for (std::int64_t i = 0; i < codes.count(); ++i) EXPECT_EQ(element(d, i), (element(codes, i) - 1) / 2) << type << " " << i;
  }
}

// Each operator moves the packed elements as it moves the same numbers as doubles.
TEST(SmallTypes, MovesKeepEveryElement) {
  constexpr std::string_view moves[] = {"Identity (x)", "Transpose <perm = [1, 0]> (x)", "Reshape (x, shape)", "Concat <axis = 1> (x, x)", "Slice (x, from, to)",
                                        "Gather <axis = 1> (x, picks)", "Flatten <axis = 0> (x)", "Tile (x, twice)", "Pad (x, around)", "Unsqueeze (x, at)",
                                        "Expand (x, wide)", "Trilu (x)", "ReverseSequence <batch_axis = 0, time_axis = 1> (x, lengths)", "GatherND (x, places)",
                                        "ScatterND (x, places, updates)", "Compress <axis = 1> (x, which)", "Where (which, x, x)"};
  for (const DType dtype : {DType::i4, DType::u4, DType::i2, DType::u2, DType::f4e2m1, DType::f8e4m3fn, DType::f8e5m2fnuz, DType::f8e8m0}) {
    Tensor whole = Tensor::allocate(DType::f64, {3, 5});
    for (std::int64_t i = 0; i < 15; ++i) whole.data<double>()[i] = dtype == DType::f8e8m0 ? std::exp2(i % 4) : static_cast<double>(i % 2);
    const Tensor x = *convert(whole, dtype);
    for (const std::string_view move : moves) {
      const auto result = [&](const Tensor& t) {
        const std::string text = format("<ir_version: 13, opset_import: [\"\" : 25]> m ({0}[3,5] x) => ({0} y) <int64[2] shape = {{5, 3}}, int64[2] from = {{1, 1}}, "
                                        "int64[2] to = {{3, 4}}, int64[3] picks = {{4, 0, -2}}, int64[2] twice = {{2, 1}}, int64[4] around = {{1, 0, 0, 3}}, int64[1] at = {{0}}, "
                                        "int64[3] wide = {{2, 3, 5}}, int64[3] lengths = {{5, 1, 3}}, int64[2,2] places = {{0, 1, 2, 4}}, bool[5] which = {{1, 0, 0, 1, 1}}> {{ "
                                        "updates = GatherND (x, places)  y = {1} }}", name(t.dtype()), move);
        return run(text, {{"x", t}});
      };
      if (dtype == DType::f8e8m0 && (move.starts_with("Pad") || move.starts_with("Trilu"))) continue;  // it has no zero
      const Tensor moved = result(x), expected = result(whole);
      ASSERT_EQ(moved.dtype(), dtype) << move;
      EXPECT_TRUE(identical(*convert(moved, DType::f64), expected)) << name(dtype) << " " << move;
    }
  }
}

}  // namespace
