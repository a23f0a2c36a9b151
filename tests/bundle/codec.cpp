// SPDX-License-Identifier: Apache-2.0
// Frames, byte planes and residuals are lossless for every width and length.
#include "tests/bundle/helpers.h"

namespace hone {

static Buffer noise(std::size_t n, unsigned seed) {
  std::mt19937 random(seed);
  Buffer bytes(n);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

TEST(codec, planes_of_every_width_and_length) {
  for (const std::size_t width : {1, 2, 4, 8})
    for (std::size_t n = 0; n < 40; ++n) {
      const Buffer bytes = noise(n, static_cast<unsigned>(n));
      Buffer planes(n), again(n);
      split_planes(bytes, width, planes);
      join_planes(planes, width, again);
      ASSERT_EQ(again, bytes);
    }
  const Buffer in = to_buffer("a1b2c3x");
  Buffer out(in.size());
  split_planes(in, 2, out);
  EXPECT_EQ(as_text(out), "abc123x");
}

TEST(codec, every_codec_gives_the_bytes_back) {
  const Buffer plain = weights(1000, 0);
  for (const Codec codec : {Codec::raw, Codec::zstd, Codec::planes2, Codec::planes4, Codec::planes8, Codec::rans1, Codec::rans2, Codec::rans4}) {
    EXPECT_EQ(codec_from_name(name(codec)), codec);
    Buffer out(plain.size());
    ASSERT_TRUE(decode_block(codec, encode_block_as(codec, plain), out));
    EXPECT_EQ(out, plain);
  }
  EXPECT_EQ(encode_block(noise(1000, 1), 4).codec, Codec::raw);
  EXPECT_EQ(encode_block(weights(1000, 0), 4).codec, Codec::rans4);
}

TEST(codec, residuals_of_every_method_and_width) {
  for (const DeltaMethod method : {DeltaMethod::full, DeltaMethod::exclusive_or, DeltaMethod::subtract, DeltaMethod::ordered})
    for (const std::size_t width : {1, 2, 4, 8}) {
      const Buffer plain = noise(1003, 1), base = noise(1003, 2);
      Buffer residual(plain.size());
      encode_residual(method, width, plain, base, residual);
      decode_residual(method, width, residual, base);
      ASSERT_EQ(residual, plain) << name(method) << width;
    }
}

TEST(codec, near_floats_have_small_ordered_differences) {
  const float a[] = {1.0F, -1.0F, 0.0F}, b[] = {std::nextafter(1.0F, 2.0F), std::nextafter(-1.0F, -2.0F), -0.0F};
  std::uint32_t residual[3];
  encode_residual(DeltaMethod::ordered, 4, std::as_bytes(std::span(b)), std::as_bytes(std::span(a)), std::as_writable_bytes(std::span(residual)));
  EXPECT_EQ(residual[0], 2U);  // zigzag(+1)
  EXPECT_EQ(residual[1], 2U);  // away from zero too
  EXPECT_EQ(residual[2], 1U);  // zigzag(-1): across zero
}

}  // namespace hone
