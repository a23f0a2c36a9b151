// SPDX-License-Identifier: Apache-2.0
// A store that goes from one keyring to the next, and the attacks on that step: whatever is refused leaves every byte of the store as it was.
#include <atomic>
#include <thread>

#include "tests/bundle/keyrings.h"
#include "tests/store/helpers.h"

namespace hone {
namespace {

std::map<std::string, Buffer> bytes_of(const Path& folder) {
  std::map<std::string, Buffer> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files[std::filesystem::relative(entry.path(), folder).string()] = *read_file(entry.path());
  return files;
}

// Root keys 1, 2, 3 (two of them), release key 0, as helpers.h signs.
KeyringWish first() { return {.counter = 1, .root = role({1, 2, 3}, 2), .release = role({0}), .signers = {1, 2}}; }
// Release key 7 takes the place of 0.
KeyringWish second() { return {.counter = 2, .root = role({1, 2, 5}, 2), .release = role({7}), .signers = {1, 2}}; }

class Threats : public testing::Test {
 protected:
  Folder folder;
  Path path = folder.path / "store";

  // Release 1 is the factory model, release 2 active, both signed by key 0.
  void SetUp() override {
    {
      auto store = Store::open(path, *Pinned::from_keyring(make_keyring(first())), Store::Access::change);
      ASSERT_TRUE(store) << store.error().message;
      ASSERT_TRUE(hone::install(*store, release_bytes(1), {.factory = true}));
    }
    take(release_bytes(2));
  }
  Result<Store> open(FileOps ops = FileOps()) {
    TRY(Pinned pinned, Store::pinned(path));
    return Store::open(path, std::move(pinned), Store::Access::change, std::move(ops));
  }
  Status accept(const Buffer& keyring, const Path& name = "next.keyring") {
    TRY(Store store, open());
    CHECK_OK(store.accept_keyring(name, keyring));
    return Ok{};
  }
  Status install(const Buffer& bundle) {
    TRY(Store store, open());
    return hone::install(store, bundle);
  }
  void take(const Buffer& bundle) {
    auto store = open();
    ASSERT_TRUE(store) << store.error().message;
    const Status installed = hone::install(*store, bundle);
    ASSERT_TRUE(installed) << installed.error().message;
    ASSERT_TRUE(try_candidate(*store));
    ASSERT_TRUE(store->commit());
  }
  std::uint64_t serves() {
    const auto pinned = Store::pinned(path);
    if (!pinned) return 0;
    const auto store = Store::open(path, *pinned, Store::Access::read);
    if (!store || store->serving().empty()) return 0;
    return store->serving().front().manifest().counter;
  }
  State state() const { return *read_state(path / "state"); }
  Buffer signed_by(std::uint64_t n, std::size_t signer) { return make_bundle(contents_of(n), n, {&key(signer)}); }
  void expect_untouched(const std::function<Status()>& attack, std::string_view words) {
    const auto before = bytes_of(path);
    expect_refused(attack(), Code::untrusted, words);
    auto after = bytes_of(path);
    // Whichever command opens a store for a change may write its record once more; its bytes are the same.
    EXPECT_EQ(after, before);
    EXPECT_EQ(serves(), 2U);
  }
};

}  // namespace

TEST_F(Threats, rotation_keeps_what_serves_and_lets_only_the_new_key_sign) {
  ASSERT_TRUE(accept(make_keyring(second())));
  EXPECT_EQ(state().keyring, 2U);
  EXPECT_EQ(serves(), 2U) << "the incumbent serves, though the new role does not know its key";
  expect_refused(install(release_bytes(3)), Code::untrusted, "which is not trusted here");
  take(signed_by(3, 7));
  EXPECT_EQ(serves(), 3U);
  auto store = open();
  ASSERT_TRUE(store->rollback());
  EXPECT_EQ(serves(), 2U) << "the fallback too";
  EXPECT_FALSE(*store->accept_keyring("2.keyring", make_keyring(second()))) << "in force already";
}

TEST_F(Threats, retired_roles_go_with_the_releases_that_need_them) {
  ASSERT_TRUE(accept(make_keyring(second())));
  take(signed_by(3, 7));
  take(signed_by(4, 7));
  KeyringWish third = second();
  third.counter = 3;
  third.release = role({8});
  ASSERT_TRUE(accept(make_keyring(third)));
  EXPECT_EQ(Store::pinned(path)->retired, (std::vector<Trust>{role({7}), role({0})})) << "banks by 7, the factory model by 0";
  EXPECT_EQ(serves(), 4U);
}

TEST_F(Threats, keys_named_by_hand_are_keyring_0) {
  const Path simple = folder.path / "simple";
  ASSERT_TRUE(provision(simple));
  KeyringWish w{.counter = 1, .root = role({1}), .release = role({7}), .signers = {0, 1}};
  {
    auto store = Store::open(simple, *Store::pinned(simple), Store::Access::change);
    const auto accepted = store->accept_keyring("1.keyring", make_keyring(w));
    ASSERT_TRUE(accepted) << accepted.error().message;
  }
  EXPECT_EQ(Store::pinned(simple)->keyring.counter, 1U);
  const auto by_hand = Store::open(simple, test_trust(), Store::Access::change);
  ASSERT_FALSE(by_hand);
  EXPECT_NE(by_hand.error().message.find("leave out --pub"), std::string::npos) << by_hand.error().message;
}

TEST_F(Threats, threat_5_keyring_missing_or_unreadable) {
  const Buffer good = *read_file(path / "trusted");
  const auto closed = [&](const Buffer& bytes) {
    ASSERT_TRUE(write_file(path / "trusted", bytes, true));
    EXPECT_EQ(Store::pinned(path).error().code, Code::untrusted);
    EXPECT_FALSE(install(release_bytes(3)));
    EXPECT_FALSE(accept(make_keyring(second())));
  };
  for (std::size_t n = 0; n < good.size(); n += 97) closed(Buffer(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)));
  Buffer flipped = good;
  flipped[ustar_block + 30] ^= std::byte{1};
  closed(flipped);
  std::filesystem::remove(path / "trusted");
  expect_refused(install(release_bytes(3)), Code::untrusted, "no key to trust");
  const auto by_hand = Store::open(path, test_trust(), Store::Access::change);
  ASSERT_FALSE(by_hand) << "a lost keyring is not replaced by keys that somebody names";
  EXPECT_EQ(by_hand.error().code, Code::untrusted);
  std::filesystem::create_directory(path / "trusted");
  EXPECT_EQ(Store::pinned(path).error().code, Code::untrusted);
}

// Of a store that follows keys named by hand: --pub may name fewer of them, or demand more signatures, and nothing else.
TEST(Pinned, threat_2_other_keys_named_by_hand_than_the_store_pinned) {
  Folder folder;
  const Path path = folder.path / "store";
  ASSERT_TRUE(provision(path));
  const auto opens = [&](const Trust& trust, Store::Access access) { return Store::open(path, trust, access).has_value(); };
  for (const auto access : {Store::Access::read, Store::Access::change}) {
    EXPECT_TRUE(opens(role({0}), access));
    for (const Trust& other : {role({7}), role({0, 7}), role({7, 0})}) {
      const auto store = Store::open(path, other, access);
      ASSERT_FALSE(store);
      EXPECT_EQ(store.error().code, Code::untrusted);
      EXPECT_NE(store.error().message.find("leave out --pub"), std::string::npos) << store.error().message;
    }
  }
  std::filesystem::remove(path / "trusted");  // named again, they must be those of what is installed
  EXPECT_FALSE(opens(role({7}), Store::Access::change));
  EXPECT_TRUE(opens(role({0}), Store::Access::change));
  const Path two = folder.path / "two";
  {
    auto store = Store::open(two, role({0, 7}, 2), Store::Access::change);
    ASSERT_TRUE(store);
    ASSERT_TRUE(hone::install(*store, make_bundle(contents_of(1), 1, {&key(0), &key(7)}), {.factory = true}));
  }
  EXPECT_FALSE(Store::open(two, role({0, 7}, 1), Store::Access::change)) << "a threshold is not lowered by a command";
  EXPECT_TRUE(Store::open(two, role({7, 0}, 2), Store::Access::change));
}

TEST_F(Threats, threat_10_keyring_signed_by_one_side) {
  KeyringWish w{.counter = 2, .root = role({5, 6}, 2), .release = role({7}), .signers = {5, 6}};
  expect_untouched([&] { return accept(make_keyring(w)); }, "by the root keys of keyring 1");
  w.signers = {1, 2};
  expect_untouched([&] { return accept(make_keyring(w)); }, "by its own root keys");
  w.signers = {1, 2, 5, 6};
  EXPECT_TRUE(accept(make_keyring(w)));
}

TEST_F(Threats, threat_11_keyring_that_carries_another_number_inside) {
  KeyringWish w = second();
  w.comment = "hone keyring counter=3";
  expect_untouched([&] { return accept(make_keyring(w)); }, "of another keyring");
  expect_untouched([&] { return accept(make_keyring(second()), "3.keyring"); }, "holds keyring 2");
}

TEST_F(Threats, threat_12_keyring_put_back) {
  const Buffer one = *read_file(path / "trusted");
  ASSERT_TRUE(accept(make_keyring(second())));
  KeyringWish w = first();
  w.root = role({1, 2, 3}, 2);
  expect_untouched([&] { return accept(make_keyring(w)); }, "rollback refused");
  const Buffer two = *read_file(path / "trusted");
  ASSERT_TRUE(write_file(path / "trusted", one, true));
  const auto put_back = open();
  ASSERT_FALSE(put_back);
  EXPECT_NE(put_back.error().message.find("in the place of keyring 2"), std::string::npos) << put_back.error().message;
  ASSERT_TRUE(write_file(path / "trusted", two, true));
  EXPECT_TRUE(open());
}

TEST_F(Threats, threat_13_refused_keyring_leaves_nothing) {
  KeyringWish w = second();
  w.signers = {1, 9};  // 9 is nobody
  expect_untouched([&] { return accept(make_keyring(w)); }, "2 are needed");
  expect_untouched([&] { return install(signed_by(3, 7)); }, "which is not trusted here");
  const auto given = Store::open(path, *Pinned::from_keyring(make_keyring({.counter = 9, .root = role({9}), .release = role({9}), .signers = {9}})), Store::Access::change);
  ASSERT_FALSE(given) << "--keyring is no way around the root keys in force";
  EXPECT_NE(given.error().message.find("follows another keyring"), std::string::npos);
}

constexpr std::uint64_t top = INT64_MAX;
Buffer made_by_a_thief() {
  Manifest m = test_manifest(top);
  m.floor = m.created = top;
  const Contents c = contents_of(9);
  const SecretKey stolen = key(0);
  return *write_bundle(m, inputs_of(c), std::span(&stolen, 1));
}

TEST_F(Threats, threat_16_counter_run_up_by_stolen_keys) {
  take(made_by_a_thief());
  EXPECT_EQ(serves(), top);
  EXPECT_EQ(state().time_floor, top);
  expect_refused(install(release_bytes(3)), Code::untrusted, "rollback refused");
  KeyringWish w = second();
  w.restart = Restart{2, 2};
  w.created = 5000;
  ASSERT_TRUE(accept(make_keyring(w)));
  EXPECT_EQ(state().time_floor, 5000U) << "it had been run up as well";
  EXPECT_EQ(state().highest, 2U);
  EXPECT_EQ(state().floor, 2U);
  EXPECT_EQ(serves(), top) << "until the next release is committed";
  expect_refused(install(signed_by(3, 0)), Code::untrusted, "which is not trusted here");
  take(signed_by(3, 7));
  EXPECT_EQ(serves(), 3U);
  // Obeyed once: a later keyring that repeats it does not wind the counter back again.
  take(signed_by(5, 7));
  w.counter = 3;
  ASSERT_TRUE(accept(make_keyring(w)));
  EXPECT_EQ(state().highest, 5U);
  expect_refused(install(signed_by(4, 7)), Code::untrusted, "rollback refused");
}

// A counter that no floor can be above would let it serve again after a rollback.
TEST_F(Threats, threat_16_what_stolen_keys_committed_is_nothing_to_go_back_to) {
  take(made_by_a_thief());
  KeyringWish w = second();
  w.restart = Restart{2, 2};
  ASSERT_TRUE(accept(make_keyring(w)));
  EXPECT_EQ(serves(), top);
  take(signed_by(3, 7));
  {
    auto store = open();
    ASSERT_EQ(store->serving().size(), 2U);
    EXPECT_EQ(store->serving()[1].manifest().counter, 1U) << "the factory model";
    ASSERT_TRUE(store->rollback());
  }
  EXPECT_EQ(serves(), 1U);
}

TEST_F(Threats, threat_16_restart_reaches_a_device_that_missed_a_keyring) {
  KeyringWish w = second();
  w.counter = 4;
  w.restart = Restart{2, 1};
  ASSERT_TRUE(accept(make_keyring(w)));
  EXPECT_EQ(state().highest, 1U);
}

TEST_F(Threats, threat_17_expired_keyring_installs_nothing) {
  KeyringWish w = second();
  w.created = 1000, w.expires = 2000;
  ASSERT_TRUE(accept(make_keyring(w)));
  const auto before = bytes_of(path);
  const auto at = [](std::uint64_t now) { return Device{"x86_64", "0.1.0", now}; };
  const Buffer next = signed_by(3, 7);
  {
    auto store = open();
    for (const std::uint64_t now : {std::uint64_t{2000}, std::uint64_t{9000}}) {
      const auto refused = store->install(memory_input("x", next), at(now));
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, Code::untrusted);
      EXPECT_NE(refused.error().message.find("keyring 2 expired on 1970-01-01"), std::string::npos) << refused.error().message;
      EXPECT_TRUE(std::ranges::any_of(store->alarms(at(now)), [](const std::string& a) { return a.find("keyring 2 expired") != a.npos; }));
    }
  }
  EXPECT_EQ(bytes_of(path), before);
  EXPECT_EQ(serves(), 2U);
  w.counter = 3, w.expires = 0;  // one that has expired is no dead end
  ASSERT_TRUE(accept(make_keyring(w)));
  EXPECT_TRUE(open()->install(memory_input("x", next), at(9000)));
}

// Who reads whom the store trusts, and then the store, may meet two keyrings.
TEST_F(Threats, readers_go_on_while_the_keyring_changes) {
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  std::thread reader([&] {
    while (!stop) {
      const auto store = Store::open_pinned(path, Store::Access::read);
      EXPECT_TRUE(store) << store.error().message;
      ++reads;
    }
  });
  KeyringWish w = first();
  for (w.counter = 2; w.counter < 40; ++w.counter) EXPECT_TRUE(accept(make_keyring(w)));
  stop = true;
  reader.join();
  EXPECT_GT(reads, 10);
}

TEST_F(Threats, candidate_of_retired_keys_is_dropped) {
  ASSERT_TRUE(install(release_bytes(3)));
  ASSERT_TRUE(accept(make_keyring(second())));
  EXPECT_EQ(state().phase, Phase::rolled_back);
  EXPECT_EQ(state().reason, Reason::untrusted);
  EXPECT_EQ(serves(), 2U);
  EXPECT_TRUE(install(signed_by(3, 7))) << "signed anew, it may be tried";
}

// Every operation of the step is the last one; after each, either keyring is in force, and the command repeated does the rest.
TEST_F(Threats, threat_37_keyring_interrupted_anywhere) {
  KeyringWish w = second();
  w.restart = Restart{2, 1};
  const Buffer next = make_keyring(w);
  const Path copy = folder.path / "copy";
  for (int last = 0;; ++last) {
    std::filesystem::remove_all(copy);
    std::filesystem::copy(path, copy, std::filesystem::copy_options::recursive);
    int n = 0;
    const auto run = [&](FileOps ops) -> Status {
      TRY(Pinned pinned, Store::pinned(copy));
      TRY(Store store, Store::open(copy, std::move(pinned), Store::Access::change, std::move(ops)));
      CHECK_OK(store.accept_keyring("next", next));
      return Ok{};
    };
    const Status cut = run(FileOps([&](const FileChange&) { return n++ >= last ? EIO : 0; }));
    if (cut) {
      EXPECT_GT(last, 8);
      break;
    }
    const auto pinned = Store::pinned(copy);
    ASSERT_TRUE(pinned) << last << ": " << pinned.error().message;
    const auto between = Store::open(copy, *pinned, Store::Access::read);
    ASSERT_TRUE(between) << last << ": " << between.error().message;
    ASSERT_FALSE(between->serving().empty()) << last;
    EXPECT_EQ(between->serving().front().manifest().counter, 2U) << last;
    EXPECT_EQ(between->state().highest, pinned->keyring.counter == 2 ? 1U : 2U) << last;
    const Status again = run(FileOps());
    ASSERT_TRUE(again) << last << ": " << again.error().message;
    const State s = *read_state(copy / "state");
    EXPECT_EQ(s.keyring, 2U) << last;
    EXPECT_EQ(s.highest, 1U) << last;
  }
}

}  // namespace hone
