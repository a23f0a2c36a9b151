// SPDX-License-Identifier: Apache-2.0
// The store's state machine without faults, and the attacks it refuses.
#include "tests/store/helpers.h"

namespace hone {

class StoreTest : public testing::Test {
 protected:
  Folder folder;
  Path path = folder.path / "store";
  void SetUp() override { ASSERT_TRUE(provision(path)); }
  State state() const { return *read_state(path / "state"); }
  Buffer state_bytes() const { return *read_file(path / "state"); }
};

TEST_F(StoreTest, install_trial_commit_rollback) {
  EXPECT_EQ(serving_counter(path), 1U);
  {
    auto store = open_store(path);
    const Buffer two = release_bytes(2);
    ASSERT_TRUE(install(*store, two));
    EXPECT_EQ(store->state().phase, Phase::staged);
    EXPECT_EQ(serving_counter(path), 1U) << "a staged release does not serve";
    expect_refused(store->commit(), Code::no, "has not passed a trial");
    ASSERT_TRUE(store->begin_trial());
    EXPECT_EQ(state().tries, 2) << "the try is on disk before the candidate is loaded";
    ASSERT_TRUE(store->pass_trial());
    ASSERT_TRUE(store->commit());
  }
  EXPECT_EQ(serving_counter(path), 2U);
  EXPECT_EQ(state().highest, 2U);
  auto store = open_store(path);
  ASSERT_TRUE(store->rollback());
  EXPECT_EQ(serving_counter(path), 1U);
  EXPECT_EQ(state().highest, 2U) << "the counter never goes back";
  const Buffer two = release_bytes(2);
  EXPECT_FALSE(install(*store, two));
  EXPECT_EQ(files_in(path / "releases"), 1U) << "garbage is collected";
}

TEST_F(StoreTest, delta_is_as_good_as_full) {
  {
    auto store = open_store(path);
    const Buffer delta = delta_bytes(1, 2);
    const auto installed = store->install(memory_input("delta", delta), this_device());
    ASSERT_TRUE(installed) << installed.error().message;
    EXPECT_TRUE(installed->delta);
    ASSERT_TRUE(try_candidate(*store));
    ASSERT_TRUE(store->commit());
    const auto release = store->release(installed->digest);
    EXPECT_TRUE(std::ranges::equal(store->read(*release, "model.weights")->bytes, contents_of(2).model_weights));
  }
  EXPECT_EQ(serving_counter(path), 2U);
}

TEST_F(StoreTest, repeating_an_install_changes_nothing) {
  auto store = open_store(path);
  const Buffer two = release_bytes(2);
  ASSERT_TRUE(install(*store, two));
  const Buffer before = state_bytes();
  const auto again = store->install(memory_input("two", two), this_device());
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->already);
  EXPECT_EQ(state_bytes(), before);
}

// Refused, and the state is byte for byte what it was; the active release serves.
#define EXPECT_UNCHANGED(status, code, words)          \
  do {                                                 \
    const Buffer before = state_bytes();               \
    const std::size_t objects = files_in(path / "objects"), releases = files_in(path / "releases"); \
    expect_refused(status, code, words);               \
    EXPECT_EQ(state_bytes(), before);                  \
    EXPECT_EQ(files_in(path / "objects"), objects);    \
    EXPECT_EQ(files_in(path / "releases"), releases);  \
    EXPECT_EQ(serving_counter(path), 1U);              \
  } while (false)

TEST_F(StoreTest, threat_1_damaged_payload_writes_nothing_outside_staging) {
  auto store = open_store(path);
  Buffer bytes = release_bytes(2);
  bytes[as_text(bytes).find("payload/notes/one") + ustar_block] ^= std::byte{1};  // the last block of all
  EXPECT_UNCHANGED(install(*store, bytes), Code::untrusted, "SHA-256");
  bytes = delta_bytes(1, 2);
  bytes.back() ^= std::byte{1};
  EXPECT_UNCHANGED(install(*store, bytes), Code::untrusted, "checksum");
}

TEST_F(StoreTest, threat_2_and_13_unknown_key_is_refused_and_not_cached) {
  auto store = open_store(path);
  const Buffer bytes = make_bundle(contents_of(2), 2, {&other_key()});
  EXPECT_UNCHANGED(install(*store, bytes), Code::untrusted, "not trusted");
}

TEST_F(StoreTest, threat_5_pinned_keys_fail_closed) {
  const auto trust = Store::pinned(path);
  ASSERT_TRUE(trust) << trust.error().message;
  EXPECT_EQ(trust->releases().keys, test_trust().keys);
  EXPECT_EQ(trust->releases().threshold, 1U);
  const Buffer good = *read_file(path / "trusted");
  for (std::size_t n = 0; n < good.size(); ++n) {
    ASSERT_TRUE(write_file(path / "trusted", Bytes(good).first(n), true));
    const auto cut = Store::pinned(path);
    ASSERT_FALSE(cut) << n;
    EXPECT_EQ(cut.error().code, Code::untrusted);
  }
  std::filesystem::remove(path / "trusted");
  EXPECT_EQ(Store::pinned(path).error().code, Code::untrusted);
}

TEST_F(StoreTest, threat_12_and_24_counter_below_the_committed_one) {
  ASSERT_TRUE(upgrade(path, 3));
  auto store = open_store(path);
  const Buffer before = state_bytes();
  for (const std::uint64_t n : {1, 2}) expect_refused(install(*store, release_bytes(n)), Code::untrusted, "rollback refused");
  Contents other = contents_of(7);
  expect_refused(install(*store, make_bundle(other, 3)), Code::untrusted, "rollback refused");  // another release with the same counter
  EXPECT_EQ(state_bytes(), before);
  EXPECT_EQ(serving_counter(path), 3U);
}

TEST_F(StoreTest, threat_19_release_of_another_model) {
  auto store = open_store(path);
  Manifest m = test_manifest(5);
  m.name = "other";
  const Contents c;
  const SecretKey key = test_key();
  const auto bytes = write_bundle(m, inputs_of(c), std::span(&key, 1));
  EXPECT_UNCHANGED(install(*store, *bytes), Code::untrusted, "this store is for 'tiny'");
}

TEST_F(StoreTest, threat_23_not_for_this_device) {
  auto store = open_store(path);
  Manifest m = test_manifest(5);
  m.architectures = {"aarch64"};
  const Contents c;
  const SecretKey key = test_key();
  EXPECT_UNCHANGED(install(*store, *write_bundle(m, inputs_of(c), std::span(&key, 1))), Code::invalid, "is for aarch64");
  m.architectures = {};
  m.minimum_hone = "9.0.0";
  EXPECT_UNCHANGED(install(*store, *write_bundle(m, inputs_of(c), std::span(&key, 1))), Code::invalid, "needs Hone 9.0.0");
}

TEST_F(StoreTest, threat_25_fallback_below_the_floor_is_not_loaded) {
  ASSERT_TRUE(upgrade(path, 2));
  {
    auto store = open_store(path);
    Manifest m = test_manifest(3);
    m.floor = 3;
    const Contents c = contents_of(3);
    const SecretKey key = test_key();
    ASSERT_TRUE(install(*store, *write_bundle(m, inputs_of(c), std::span(&key, 1))));
    ASSERT_TRUE(try_candidate(*store));
    ASSERT_TRUE(store->commit());
    EXPECT_EQ(store->state().floor, 3U);
    const auto list = store->serving();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].manifest().counter, 3U);
    EXPECT_EQ(list[1].manifest().counter, 1U) << "the factory model, not release 2";
    ASSERT_TRUE(store->rollback());
  }
  EXPECT_EQ(serving_counter(path), 1U);
}

TEST_F(StoreTest, threat_30_wrong_or_damaged_base) {
  auto store = open_store(path);
  EXPECT_UNCHANGED(install(*store, delta_bytes(2, 3)), Code::untrusted, "made for another base");
  const auto base = store->release(*store->state().factory);
  const Path object = path / "objects" / to_hex(base->manifest().file("model.weights")->sha256);
  Buffer damaged = *read_file(object);
  damaged[100] ^= std::byte{1};
  ASSERT_TRUE(write_file(object, damaged, true));
  expect_refused(install(*store, delta_bytes(1, 2)), Code::untrusted, "is damaged");
  ASSERT_TRUE(install(*store, release_bytes(2))) << "the full bundle works";
}

TEST_F(StoreTest, threat_30_full_blocks_where_the_base_is_damaged) {
  auto store = open_store(path);
  const Path object = path / "objects" / to_hex(store->serving()[0].manifest().file("model.weights")->sha256);
  Buffer damaged = *read_file(object);
  damaged[100] ^= std::byte{1};
  ASSERT_TRUE(write_file(object, damaged, true));
  InstallOptions with{.full = memory_input("full", release_bytes(2)), .full_bytes = 10};
  expect_refused(install(*store, delta_bytes(1, 2), with), Code::untrusted, "more than 10 bytes of full blocks are needed");
  with = {.full = memory_input("full", release_bytes(3))};
  expect_refused(install(*store, delta_bytes(1, 2), with), Code::untrusted, "name the bundle of the same release");
  Buffer altered = release_bytes(2);
  altered[as_text(altered).find("payload/model.weights") + ustar_block] ^= std::byte{1};
  with.full = memory_input("full", altered);
  expect_refused(install(*store, delta_bytes(1, 2), with), Code::untrusted, "SHA-256");
  EXPECT_FALSE(store->state().pending());
  with.full = memory_input("full", release_bytes(2));
  const auto installed = store->install(memory_input("delta", delta_bytes(1, 2)), this_device(), with);
  ASSERT_TRUE(installed) << installed.error().message;
  EXPECT_GT(installed->full_blocks, 0U);
  ASSERT_TRUE(try_candidate(*store));
  ASSERT_TRUE(store->commit());
  EXPECT_EQ(serving_counter(path), 2U);
}

TEST_F(StoreTest, threat_36_two_installers_at_once) {
  auto store = open_store(path);
  const auto second = open_store(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::io);
  EXPECT_NE(second.error().message.find("another command"), std::string::npos);
  EXPECT_TRUE(Store::open(path, test_trust(), Store::Access::read)) << "reading goes on";
}

TEST_F(StoreTest, threat_38_tries_run_out) {
  auto store = open_store(path);
  const Buffer two = release_bytes(2);
  ASSERT_TRUE(install(*store, two));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(store->begin_trial());  // and the candidate crashes each time
  const auto last = store->begin_trial();
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, Code::no);
  EXPECT_EQ(state().phase, Phase::rolled_back);
  EXPECT_EQ(state().reason, Reason::tries_exhausted);
  EXPECT_EQ(serving_counter(path), 1U);
  expect_refused(install(*store, two), Code::no, "not tried again");
  EXPECT_TRUE(install(*store, release_bytes(3))) << "another release may come";
}

TEST_F(StoreTest, threat_39_failed_trial_rolls_back_with_its_reason) {
  auto store = open_store(path);
  for (const Reason reason : {Reason::golden_differs, Reason::not_finite, Reason::too_slow}) {
    const std::uint64_t n = 1 + static_cast<std::uint64_t>(reason);
    ASSERT_TRUE(install(*store, release_bytes(n)));
    ASSERT_TRUE(store->begin_trial());
    ASSERT_TRUE(store->fail_trial(reason));
    EXPECT_EQ(state().reason, reason);
    EXPECT_TRUE(state().is_listed(digest_of(release_bytes(n))));
    EXPECT_EQ(serving_counter(path), 1U);
  }
}

TEST_F(StoreTest, damaged_active_release_falls_back) {
  ASSERT_TRUE(upgrade(path, 2));
  {
    const auto store = Store::open(path, test_trust(), Store::Access::read);
    const auto active = store->serving()[0];
    const Path object = path / "objects" / to_hex(active.manifest().file("model.weights")->sha256);
    Buffer bytes = *read_file(object);
    bytes[5] ^= std::byte{1};
    ASSERT_TRUE(write_file(object, bytes, true));
  }
  EXPECT_EQ(serving_counter(path), 1U);
}

TEST_F(StoreTest, damaged_state_records) {
  ASSERT_TRUE(upgrade(path, 2));
  const Buffer good = state_bytes();
  const State newest = state();
  ASSERT_EQ(good.size(), 2 * state_length);
  for (std::size_t i = 0; i < good.size(); i += 97) {
    Buffer bytes = good;
    bytes[i] ^= std::byte{4};
    ASSERT_TRUE(write_file(path / "state", bytes, true));
    const auto read = read_state(path / "state");
    ASSERT_TRUE(read) << "one damaged record is never the end";
    EXPECT_GE(read->generation + 1, newest.generation);
    EXPECT_GT(serving_counter(path), 0U);
  }
  ASSERT_TRUE(write_file(path / "state", Buffer(2 * state_length, std::byte{7}), true));
  EXPECT_FALSE(read_state(path / "state"));
}

TEST(state, round_trip_and_strictness) {
  State s;
  s.generation = 9, s.highest = 8, s.floor = 7, s.phase = Phase::trial, s.active = 1, s.tries = 2, s.passed = true, s.reason = Reason::too_slow, s.model = "tiny";
  s.banks = {sha256(as_bytes("a")), sha256(as_bytes("b"))};
  s.factory = sha256(as_bytes("c"));
  s.time_floor = 1234;
  for (unsigned i = 0; i < 20; ++i) s.block({sha256(as_bytes(fmt::to_string(i))), 100 - i});
  EXPECT_EQ(s.blocked.size(), blocked_limit);
  EXPECT_FALSE(s.is_listed(sha256(as_bytes("19"))));
  EXPECT_TRUE(s.is_blocked(sha256(as_bytes("19")), 81)) << "the lowest counters went, and stay blocked by number";
  EXPECT_TRUE(s.is_listed(sha256(as_bytes("0"))));
  const auto record = encode_state(s);
  const auto again = decode_state(record);
  ASSERT_TRUE(again);
  EXPECT_EQ(encode_state(*again), record);
  for (std::size_t i = 0; i < record.size(); ++i) {
    auto flipped = record;
    flipped[i] ^= std::byte{1};
    ASSERT_FALSE(decode_state(flipped)) << i;
  }
}

// With the checksum made right, so that each byte's own rule decides: either the record is refused, or it means something and is written back as it was.
TEST(state, every_byte_with_a_correct_checksum) {
  State s;
  s.generation = 9, s.highest = 8, s.phase = Phase::trial, s.active = 1, s.tries = 2, s.reason = Reason::too_slow, s.model = "tiny";
  s.banks = {sha256(as_bytes("a")), sha256(as_bytes("b"))};
  for (unsigned i = 0; i < 5; ++i) s.block({sha256(as_bytes(fmt::to_string(i))), 100 + i});
  const auto record = encode_state(s);
  const std::size_t body = state_length - sizeof(Digest);
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < body; ++i)
    for (const unsigned flip : {1U, 2U, 128U, 255U}) {
      auto changed = record;
      changed[i] ^= static_cast<std::byte>(flip);
      const Digest digest = sha256(Bytes(changed).first(body));
      std::ranges::copy(digest, changed.begin() + static_cast<std::ptrdiff_t>(body));
      const auto state = decode_state(changed);
      if (!state) continue;
      ++accepted;
      ASSERT_EQ(encode_state(*state), changed) << i;
      ASSERT_TRUE(!state->pending() || state->candidate()) << i;
    }
  EXPECT_GT(accepted, 4 * 2 * sizeof(Digest)) << "digests and counters may be anything";
  EXPECT_LT(accepted, 4 * std::size_t{700}) << "unused bytes must be zero";
}

}  // namespace hone
