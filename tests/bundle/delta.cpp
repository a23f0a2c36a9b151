// SPDX-License-Identifier: Apache-2.0
// Deltas: the result is the new bundle byte for byte, or nothing.
#include "tests/bundle/helpers.h"

namespace hone {

struct Pair {
  Buffer old_bytes, new_bytes, delta;
  DeltaSummary summary;
};

static Bundle open(const Buffer& bytes) {
  auto bundle = Bundle::open(memory_input("test", bytes), test_trust());
  EXPECT_TRUE(bundle) << bundle.error().message;
  return std::move(*bundle);
}

static Pair make_pair(const Contents& a, const Contents& b) {
  Pair p{make_bundle(a, 1), make_bundle(b, 2), {}, {}};
  auto delta = make_delta(open(p.old_bytes), open(p.new_bytes), &p.summary);
  EXPECT_TRUE(delta) << delta.error().message;
  p.delta = *delta;
  return p;
}

static Contents moved(float by) {
  Contents c;
  c.model_weights = weights(600, by);
  c.model_plan.push_back(std::byte{'!'});
  return c;
}

static Result<Buffer> patch(const Pair& p, Bytes delta) { return apply_delta(open(p.old_bytes), memory_input("delta", delta), test_trust()); }

static Status status(const Result<Buffer>& r) {
  if (!r) return r.error();
  return Ok{};
}

TEST(delta, result_is_the_new_bundle) {
  for (const float by : {0.0F, 0.001F, 0.1F, 10.0F}) {
    const Pair p = make_pair({}, moved(by));
    const auto made = patch(p, p.delta);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(*made, p.new_bytes);
  }
}

TEST(delta, large_models_in_both_directions) {
  Contents a, b;
  a.model_weights = weights(700'000, 0);
  b.model_weights = weights(700'000, 0.001F);
  for (std::size_t i = 0; i < 5000; ++i) b.model_weights[i] = a.model_weights[i];
  const Pair p = make_pair(a, b), back = make_pair(b, a);
  EXPECT_EQ(*patch(p, p.delta), p.new_bytes);
  EXPECT_EQ(*patch(back, back.delta), back.new_bytes);
  EXPECT_EQ(p.summary.blocks[static_cast<std::size_t>(DeltaMethod::ordered)] + p.summary.blocks[static_cast<std::size_t>(DeltaMethod::subtract)], 3U);
  EXPECT_LT(p.delta.size(), p.new_bytes.size() * 3 / 4);
}

TEST(delta, unchanged_files_cost_nothing) {
  Contents b;
  b.notes = to_buffer("changed");
  const Pair p = make_pair({}, b);
  EXPECT_EQ(p.summary.files_unchanged, 3U);
  EXPECT_LT(p.delta.size(), 1200U);
  EXPECT_EQ(*patch(p, p.delta), p.new_bytes);
}

TEST(delta, every_prefix_and_every_flipped_byte_is_refused) {
  const Pair p = make_pair({}, moved(0.001F));
  for (std::size_t n = 0; n < p.delta.size(); ++n) ASSERT_FALSE(patch(p, Bytes(p.delta).first(n))) << n;
  Buffer bytes = p.delta;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int bit : {1, 0x80}) {
      bytes[i] ^= static_cast<std::byte>(bit);
      const auto result = patch(p, bytes);
      ASSERT_FALSE(result) << i;
      ASSERT_EQ(result.error().code, Code::untrusted) << i << ": " << result.error().message;
      bytes[i] ^= static_cast<std::byte>(bit);
    }
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(patch(p, bytes));
}

TEST(delta, threat_30_wrong_or_corrupted_base) {
  const Pair p = make_pair({}, moved(0.001F));
  const auto wrong = apply_delta(open(p.new_bytes), memory_input("delta", p.delta), test_trust());
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::untrusted);
  EXPECT_NE(wrong.error().message.find("another base"), std::string::npos);
  const Bundle base = open(p.old_bytes);
  auto delta = Delta::open(memory_input("delta", p.delta), test_trust(), base.release());
  ASSERT_TRUE(delta);
  const auto corrupted = [&](std::size_t f, std::size_t b) -> Result<Buffer> {
    TRY(auto bytes, base.block(f, b));
    bytes[0] ^= std::byte{1};
    return bytes;
  };
  expect_refused(delta->apply(corrupted, ignore_blocks()), Code::untrusted, "is damaged");
}

TEST(delta, threat_31_valid_form_wrong_result) {
  // A delta of other weights under the header of the true one: form and checksum are right, the hashes are not.
  Contents evil = moved(0.002F);
  const Pair p = make_pair({}, moved(0.001F)), q = make_pair({}, evil);
  const std::size_t records = [&] {
    const Bundle target = open(p.new_bytes);
    std::uint32_t packed;
    std::memcpy(&packed, p.delta.data() + 44, 4);
    return 49 + packed + 4 + target.release().signatures()[0].size();
  }();
  std::uint32_t packed;
  std::memcpy(&packed, q.delta.data() + 44, 4);
  const std::size_t other = 49 + packed + 4 + open(q.new_bytes).release().signatures()[0].size();
  Buffer forged(p.delta.begin(), p.delta.begin() + static_cast<std::ptrdiff_t>(records));
  forged.insert(forged.end(), q.delta.begin() + static_cast<std::ptrdiff_t>(other), q.delta.end() - 32);
  const Digest digest = sha256(forged);
  forged.insert(forged.end(), digest.begin(), digest.end());
  expect_refused(status(patch(p, forged)), Code::untrusted, "SHA-256");
}

TEST(delta, threat_2_new_release_by_an_unknown_key) {
  const Buffer base = make_bundle({}, 1), target = make_bundle(moved(0.1F), 2, {&other_key()});
  const auto from = Bundle::open(memory_input("a", base), test_trust()), to = Bundle::open(memory_input("b", target), trust_in({&other_key()}));
  const auto delta = make_delta(*from, *to);
  ASSERT_TRUE(delta);
  expect_refused(status(apply_delta(*from, memory_input("d", *delta), test_trust())), Code::untrusted, "not trusted");
}

}  // namespace hone
