// SPDX-License-Identifier: Apache-2.0
// Deltas: the result is the new bundle byte for byte, or nothing.
#include "tests/bundle/helpers.h"

namespace hone {

struct Pair {
  Buffer old_bytes, new_bytes, delta;
  DeltaPlan plan;
};

static Bundle open(const Buffer& bytes) {
  auto bundle = Bundle::open(memory_input("test", bytes), test_trust());
  EXPECT_TRUE(bundle) << bundle.error().message;
  return std::move(*bundle);
}

static Result<DeltaPlan> plan_of(const Buffer& old_bytes, Bytes delta) {
  TRY(Delta d, Delta::open(memory_input("delta", delta), test_trust(), open(old_bytes).release()));
  return d.plan();
}

static Pair make_pair(const Contents& a, const Contents& b) {
  Pair p{make_bundle(a, 1), make_bundle(b, 2), {}, {}};
  auto delta = make_delta(open(p.old_bytes), open(p.new_bytes));
  EXPECT_TRUE(delta) << delta.error().message;
  p.delta = *delta;
  const auto plan = plan_of(p.old_bytes, p.delta);
  EXPECT_TRUE(plan) << plan.error().message;
  p.plan = *plan;
  EXPECT_EQ(p.plan.download_bytes, p.delta.size());
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
  EXPECT_EQ(p.plan.blocks[static_cast<std::size_t>(DeltaMethod::ordered)], 3U);
  EXPECT_LT(p.delta.size(), p.new_bytes.size() * 3 / 4);
  EXPECT_EQ(*make_delta(open(p.old_bytes), open(p.new_bytes), 3), p.delta);
}

TEST(delta, unchanged_files_cost_nothing) {
  Contents b;
  b.notes = to_buffer("changed");
  const Pair p = make_pair({}, b);
  EXPECT_EQ(p.plan.files_unchanged, 3U);
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

// The base with a bit flipped in every block of the weights.
static BlockSource corrupted(const Bundle& base) {
  return [&base](std::size_t f, std::size_t b) -> Result<Buffer> {
    TRY(auto bytes, base.block(f, b));
    if (base.manifest().files[f].name == "model.weights") bytes[bytes.size() / 2] ^= std::byte{1};
    return bytes;
  };
}

TEST(delta, threat_30_full_blocks_within_a_budget_where_the_base_is_damaged) {
  Contents a, b;
  a.model_weights = weights(700'000, 0);
  b.model_weights = weights(700'000, 0.001F);
  const Pair p = make_pair(a, b);
  const Bundle base = open(p.old_bytes), full = open(p.new_bytes), other = open(make_bundle(moved(0.5F), 3));
  const auto apply = [&](const Bundle& from, std::uint64_t budget, DeltaFallback& used) -> Result<Buffer> {
    TRY(Delta delta, Delta::open(memory_input("delta", p.delta), test_trust(), base.release()));
    used = {.full = &from, .budget = budget};
    Buffer out;
    CHECK_OK(delta.apply(corrupted(base), {.begin = ignore_blocks().begin,
                                           .block = [&](const FileEntry& f, std::uint64_t, Bytes plain) -> Status {
                                             if (f.name == "model.weights") out.insert(out.end(), plain.begin(), plain.end());
                                             return Ok{};
                                           },
                                           .end = ignore_blocks().end}, &used));
    return out;
  };
  DeltaFallback used;
  const auto made = apply(full, UINT64_MAX, used);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(*made, b.model_weights);
  EXPECT_EQ(used.blocks, 3U);
  EXPECT_EQ(used.used, full.manifest().file("model.weights")->stored());
  expect_refused(status(apply(full, used.used - 1, used)), Code::untrusted, "install the full bundle");
  expect_refused(status(apply(other, UINT64_MAX, used)), Code::untrusted, "name the bundle of the same release");
}

TEST(delta, tensors_that_moved_are_found_though_blocks_are_cut_elsewhere) {
  const Buffer weight = weights(500'000, 0), next = weights(500'000, 0.001F), inserted = weights(50'000, 0, 9);
  const auto pack = [](const Buffer& bytes, std::vector<Segment> segments, std::uint64_t counter) {
    return *write_bundle(test_manifest(counter), {{"model.weights", bytes, std::move(segments)}}, std::span(&test_key(), 1));
  };
  Buffer shifted = inserted;
  shifted.insert(shifted.end(), next.begin(), next.end());
  const Buffer from = pack(weight, {{0, weight.size(), 4}}, 1), direct = pack(next, {{0, next.size(), 4}}, 2);
  const Buffer cut_alike = pack(shifted, {{0, inserted.size(), 4}, {inserted.size(), next.size(), 4}}, 2), cut_elsewhere = pack(shifted, {{0, shifted.size(), 4}}, 2);
  const std::size_t alone = inserted.size(), best = make_delta(open(from), open(direct))->size();
  for (const bool elsewhere : {false, true}) {
    const Buffer& to = elsewhere ? cut_elsewhere : cut_alike;
    const std::size_t lost = elsewhere ? 300'000 : 0;  // of the one block that begins before the old tensor
    const auto delta = make_delta(open(from), open(to));
    ASSERT_TRUE(delta);
    EXPECT_LT(delta->size(), best + alone + lost);
    EXPECT_EQ(*apply_delta(open(from), memory_input("d", *delta), test_trust()), to);
    EXPECT_TRUE(plan_of(from, *delta));
  }
}

TEST(delta, every_element_type) {
  std::mt19937 random(5);
  const std::size_t n = 200'000;
  for (const int kind : {1, 2, 3, 4}) {  // int8, bfloat16, nibbles, mostly zeros
    Buffer a(n), b;
    for (std::size_t i = 0; i < n; ++i) a[i] = static_cast<std::byte>(kind == 2 && i % 2 ? 0x3c + random() % 4 : random());
    if (kind == 4) for (std::size_t i = 0; i < n; ++i) a[i] = random() % 4 ? std::byte{0} : a[i];
    b = a;
    for (std::size_t i = 0; i < n; ++i)
      if (kind == 3) b[i] = (a[i] & std::byte{0xf0}) | static_cast<std::byte>((std::to_integer<unsigned>(a[i]) + random() % 2) & 15);
      else if (random() % 4 == 0 && (kind != 2 || i % 2 == 0)) b[i] = static_cast<std::byte>(std::to_integer<unsigned>(a[i]) + 1);
    Contents from, to;
    from.model_weights = a, to.model_weights = b;
    const auto bundle = [&](const Contents& c, std::uint64_t counter) {
      std::vector<FileInput> files = inputs_of(c);
      files[1].segments = {{0, n, kind == 2 ? 2 : 1}};
      return *write_bundle(test_manifest(counter), std::move(files), std::span(&test_key(), 1));
    };
    const Buffer x = bundle(from, 1), y = bundle(to, 2);
    const auto delta = make_delta(open(x), open(y));
    ASSERT_TRUE(delta);
    EXPECT_EQ(*apply_delta(open(x), memory_input("d", *delta), test_trust()), y) << kind;
    EXPECT_LT(delta->size(), n / 4) << kind;
  }
}

TEST(delta, threat_31_valid_form_wrong_result) {
  // A delta of other weights under the header of the true one: form and checksum are right, the hashes are not.
  Contents evil = moved(0.002F);
  const Pair p = make_pair({}, moved(0.001F)), q = make_pair({}, evil);
  const auto front = [](const Buffer& delta) {
    std::uint32_t packed;
    std::memcpy(&packed, delta.data() + 44, 4);
    return static_cast<std::ptrdiff_t>(48 + packed);
  };
  Buffer forged(p.delta.begin(), p.delta.begin() + front(p.delta));
  forged.insert(forged.end(), q.delta.begin() + front(q.delta), q.delta.end() - 32);
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
