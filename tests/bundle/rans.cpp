// SPDX-License-Identifier: Apache-2.0
// The entropy coder: lossless for every kind, width, size and distribution; near the entropy; and no frame, however made, gets past its checks.
#include <cmath>

#include "lib/bundle/delta.h"
#include "lib/bundle/rans_encode.h"
#include "tests/bundle/helpers.h"

namespace hone {
namespace {

constexpr std::array<DeltaForm, 12> forms{{{DeltaMethod::full, 1}, {DeltaMethod::full, 2}, {DeltaMethod::full, 4}, {DeltaMethod::full, 8}, {DeltaMethod::subtract, 1},
                                           {DeltaMethod::subtract, 2}, {DeltaMethod::subtract, 4}, {DeltaMethod::subtract, 8}, {DeltaMethod::nibbles, 1},
                                           {DeltaMethod::ordered, 2}, {DeltaMethod::ordered, 4}, {DeltaMethod::ordered, 8}}};
unsigned exponent_bits(std::size_t width) { return width == 2 ? 8 : width == 4 ? 8 : 11; }

Buffer values_of(DeltaForm form, Bytes plain, Bytes base) {
  Buffer values(plain.size());
  encode_residual(form.method, form.width, plain, base, values);
  return values;
}

Buffer frame_of(DeltaForm form, Bytes plain, Bytes base) {
  return rans_encode(form.shape(), exponent_bits(form.width), values_of(form, plain, base), form.method == DeltaMethod::full ? Bytes() : base);
}

void expect_round_trip(DeltaForm form, Bytes plain, Bytes base, const std::string& what) {
  form.coding = DeltaCoding::rans;
  const Buffer frame = frame_of(form, plain, base);
  Buffer again(plain.size());
  const Status status = decode_record(form, frame, base, again);
  ASSERT_TRUE(status) << what << ": " << status.error().message;
  ASSERT_TRUE(std::ranges::equal(again, plain)) << what;
}

// Bytes of one kind of content: what models have, and what they do not.
Buffer content(int kind, std::size_t n, unsigned seed) {
  std::mt19937 random(seed);
  Buffer bytes(n);
  for (std::size_t i = 0; i < n; ++i) {
    const unsigned r = random();
    bytes[i] = static_cast<std::byte>(kind == 0 ? 0 : kind == 1 ? 0xa5 : kind == 2 ? r : kind == 3 ? (r % 64 ? 0 : r >> 8) : i / 100);
  }
  return bytes;
}

double entropy_bytes(Bytes bytes) {
  std::array<double, 256> counts{};
  for (const std::byte b : bytes) ++counts[std::to_integer<std::size_t>(b)];
  double bits = 0;
  for (const double c : counts)
    if (c > 0) bits -= c * std::log2(c / static_cast<double>(bytes.size()));
  return bits / 8;
}

// `count` int8 values around zero, and the same with one in `every` moved by one or two steps.
std::pair<Buffer, Buffer> int8_pair(std::size_t count, unsigned every) {
  std::mt19937 random(7);
  std::normal_distribution<double> values(0, 30);
  Buffer base(count), plain(count);
  for (std::size_t i = 0; i < count; ++i) {
    const int v = std::clamp(static_cast<int>(std::lround(values(random))), -127, 127);
    const int step = random() % every ? 0 : static_cast<int>(random() % 4) < 3 ? 1 : 2;
    base[i] = static_cast<std::byte>(v);
    plain[i] = static_cast<std::byte>(v + (random() % 2 ? step : -step));
  }
  return {base, plain};
}

}  // namespace

TEST(rans, every_kind_width_size_and_content_comes_back) {
  for (const DeltaForm& form : forms)
    for (const std::size_t n : {1, 2, 3, 7, 8, 9, 15, 31, 64, 255, 4095, 4096, 4099, 16384, 32771})
      for (int kind = 0; kind < 5; ++kind) {
        const Buffer plain = content(kind, n, 1), near = content(kind, n, 2), far = content(2, n, 3);
        const std::string what = format("{} of width {}, {} bytes, content {}", static_cast<int>(form.method), form.width, n, kind);
        expect_round_trip(form, plain, near, what);
        expect_round_trip(form, plain, far, what + ", far");
        expect_round_trip(form, plain, plain, what + ", equal");
      }
}

TEST(rans, floats_and_their_special_values) {
  std::vector<float> base, plain;
  const float special[] = {0.0F, -0.0F, 1.0F, -1.0F, INFINITY, -INFINITY, NAN, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max(), 1e-30F};
  for (const float a : special)
    for (const float b : special)
      for (int i = 0; i < 50; ++i) base.push_back(a), plain.push_back(b);
  for (const DeltaMethod method : {DeltaMethod::ordered, DeltaMethod::subtract})
    expect_round_trip({method, 4}, std::as_bytes(std::span(plain)), std::as_bytes(std::span(base)), "special values");
}

TEST(rans, near_the_entropy_of_int8_differences) {
  for (const unsigned every : {30U, 3U, 1U}) {
    const auto [base, plain] = int8_pair(300'000, every);
    const DeltaForm form{DeltaMethod::subtract, 1};
    const double ideal = entropy_bytes(values_of(form, plain, base));
    EXPECT_LE(static_cast<double>(frame_of(form, plain, base).size()), 1.05 * ideal) << every;
  }
}

// In training all weights tend to grow, or all to shrink: then a difference's sign says little that the base's did not.
TEST(rans, weights_that_grew_cost_less_than_the_entropy_of_their_differences) {
  auto [base, plain] = int8_pair(300'000, 3);
  std::vector<std::byte> differences(base.size());
  for (std::size_t i = 0; i < base.size(); ++i) {
    const int v = static_cast<std::int8_t>(base[i]);
    plain[i] = static_cast<std::byte>(std::clamp(v + (v + (v > 0 ? 15 : -15)) / 30 + static_cast<std::int8_t>(plain[i]) - v, -127, 127));
    differences[i] = static_cast<std::byte>(static_cast<std::int8_t>(plain[i]) - v);
  }
  EXPECT_LE(static_cast<double>(frame_of({DeltaMethod::subtract, 1}, plain, base).size()), 0.8 * entropy_bytes(differences));
}

// As in a quantized model: each layer's scales, which stay, then its int32 biases.
TEST(rans, biases_between_scales_that_stay_cost_little_more_than_alone) {
  std::mt19937 random(5);
  std::normal_distribution<double> size(0, 5000), step(0, 100);
  std::vector<std::int32_t> base, plain, base_alone, plain_alone;
  for (int layer = 0; layer < 20; ++layer) {
    for (int i = 0; i < 100; ++i) base.push_back(std::bit_cast<std::int32_t>(static_cast<float>(1 + random() % 999) / 1e5F)), plain.push_back(base.back());
    for (int i = 0; i < 100; ++i) {
      base_alone.push_back(static_cast<std::int32_t>(size(random)));
      plain_alone.push_back(base_alone.back() + static_cast<std::int32_t>(step(random)));
      base.push_back(base_alone.back()), plain.push_back(plain_alone.back());
    }
  }
  const auto cost = [](const auto& a, const auto& b) { return frame_of({DeltaMethod::subtract, 4}, std::as_bytes(std::span(a)), std::as_bytes(std::span(b))).size(); };
  EXPECT_LT(cost(plain, base), cost(plain_alone, base_alone) * 103 / 100);
}

TEST(rans, a_pattern_of_zeros_that_stays_or_moves_costs_little) {
  const std::size_t count = 100'000;
  Buffer base = weights(count, 0), kept = weights(count, 0.001F), moved = kept;
  std::mt19937 random(1);
  const float zero = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const bool was = random() % 2 == 0, is = was != (random() % 50 == 0);
    if (was) std::memcpy(base.data() + 4 * i, &zero, 4), std::memcpy(kept.data() + 4 * i, &zero, 4);
    if (is) std::memcpy(moved.data() + 4 * i, &zero, 4);
  }
  const DeltaForm form{DeltaMethod::ordered, 4};
  const std::size_t dense = frame_of(form, weights(count, 0.001F), weights(count, 0)).size();
  EXPECT_LT(frame_of(form, kept, base).size(), dense * 52 / 100);
  EXPECT_LT(frame_of(form, moved, base).size(), dense * 56 / 100);
  expect_round_trip(form, moved, base, "moved");
}

TEST(rans, threat_27_damaged_frames_are_refused_or_give_other_bytes) {
  std::mt19937 random(3);
  for (const DeltaForm& form : forms) {
    const Buffer plain = content(3, 5000, 1), base = content(3, 5000, 2), frame = frame_of(form, plain, base);
    const Bytes with = form.method == DeltaMethod::full ? Bytes() : Bytes(base);
    Buffer out(plain.size());
    for (std::size_t n = 0; n < frame.size(); ++n) ASSERT_FALSE(rans_decode(form.shape(), Bytes(frame).first(n), with, out)) << n;
    for (int i = 0; i < 3000; ++i) {
      Buffer bytes = frame;
      bytes[random() % bytes.size()] ^= static_cast<std::byte>(1 + random() % 255);
      (void)rans_decode(form.shape(), bytes, with, out).has_value();
    }
    Buffer longer = frame;
    longer.push_back(std::byte{0});
    ASSERT_FALSE(rans_decode(form.shape(), longer, with, out));
  }
}

TEST(rans, same_bytes_everywhere) {
  Buffer base = content(2, 50'000, 1), plain = base;
  for (std::size_t i = 0; i < plain.size(); i += 1 + i % 7) plain[i] ^= static_cast<std::byte>(i % 5);
  EXPECT_EQ(to_hex(sha256(frame_of({DeltaMethod::subtract, 1}, plain, base))).substr(0, 16), "8e37495af0b04cab");
  EXPECT_EQ(to_hex(sha256(frame_of({DeltaMethod::ordered, 4}, plain, base))).substr(0, 16), "ddf76a74a2d980f5");
}

}  // namespace hone
