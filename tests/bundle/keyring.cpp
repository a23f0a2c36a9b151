// SPDX-License-Identifier: Apache-2.0
// Keyrings: their form, who must have signed them, and the attacks on the step from one to the next.
#include "tests/bundle/keyrings.h"

namespace hone {
namespace {

// Keyring 1: two of keys 1, 2, 3 rule; key 4 signs releases.
KeyringWish first() { return {.counter = 1, .root = role({1, 2, 3}, 2), .release = role({4}), .signers = {1, 2}}; }
// Keyring 2: key 3 was lost, keys 5 and 6 take its place; key 7 signs releases.
KeyringWish second() { return {.counter = 2, .root = role({2, 5, 6}, 2), .release = role({7}), .signers = {1, 2, 5}}; }

const Keyring& in_force() {
  static const Keyring keyring = *open_keyring(make_keyring(first()));
  return keyring;
}
void expect_refused_next(const Buffer& file, std::string_view words) {
  const auto next = next_keyring(in_force(), file);
  expect_refused(next ? Status(Ok{}) : Status(next.error()), Code::untrusted, words);
}

}  // namespace

TEST(keyring, text_round_trip) {
  KeyringWish w = first();
  w.restart = Restart{1, 7};
  const std::string text = document_of(w);
  const auto parsed = parse_keyring(text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(print_keyring(*parsed), text);
  EXPECT_EQ(parsed->root, w.root);
  EXPECT_EQ(parsed->restart, w.restart);
  const Buffer file = make_keyring(w);
  const auto split = KeyringFile::split(file);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->join(), file);
}

TEST(keyring, next_one_is_accepted) {
  const auto next = next_keyring(in_force(), make_keyring(second()));
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_EQ(next->counter, 2U);
  KeyringWish far = second();
  far.counter = 9;
  EXPECT_TRUE(next_keyring(in_force(), make_keyring(far))) << "a device may have missed some";
}

TEST(keyring, every_flip_and_cut_is_refused) {
  KeyringWish w = second();
  const Buffer good = make_keyring(w);
  for (std::size_t i = 0; i < good.size(); i += i < 700 ? 1 : 9) {
    Buffer bad = good;
    bad[i] ^= std::byte{1};
    EXPECT_FALSE(next_keyring(in_force(), bad)) << "byte " << i;
  }
  for (std::size_t n = 0; n < good.size(); n += 37) EXPECT_FALSE(next_keyring(in_force(), Bytes(good).first(n))) << n;
  Buffer longer = good;
  longer.resize(longer.size() + ustar_block);
  expect_refused_next(longer, "bytes that do not belong");
}

TEST(keyring, form_is_strict) {
  const std::string text = document_of(first());
  const auto refused = [&](std::string_view from, std::string_view to, std::string_view words) {
    std::string changed = text;
    const std::size_t at = changed.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    changed.replace(at, from.size(), to);
    const auto parsed = parse_keyring(changed);
    ASSERT_FALSE(parsed) << changed;
    EXPECT_NE(parsed.error().message.find(words), std::string::npos) << parsed.error().message;
  };
  refused("hone/keyring/1", "hone/keyring/2", "is not known here");
  refused("\"counter\":1", "\"counter\":0", "starts at 1");
  refused("\"counter\":1", "\"counter\":1.0", "integer");
  refused("\"counter\":1", "\"counter\":9223372036854775808", "integer");
  refused("\"counter\":1", "\"counter\":1,\"counter\":2", "counter");
  refused("\"threshold\":2", "\"threshold\":0", "threshold");
  refused("\"threshold\":2", "\"threshold\":4", "threshold");
  refused("\"restart\":null", "\"restart\":null,\"more\":1", "does not know");
  refused("\"restart\":null", "\"restart\":{\"keyring\":2,\"counter\":1}", "'keyring' must be");
  refused(",\"restart\":null", "", "'restart' is missing");
}

TEST(Threats, threat_2_release_key_signs_a_keyring_and_root_key_a_release) {
  KeyringWish w = second();
  w.signers = {4, 2, 5};
  expect_refused_next(make_keyring(w), "signed by 1 trusted keys, 2 are needed");
  w.signers = {4, 7};
  expect_refused_next(make_keyring(w), "which is not trusted here");
  const Keyring keyring = in_force();
  expect_refused(read_bundle(make_bundle({}, 1, {&key(1)}), keyring.release), Code::untrusted, "which is not trusted here");
  EXPECT_TRUE(read_bundle(make_bundle({}, 1, {&key(4)}), keyring.release));
}

// The same key in both roles: the words that a signature covers keep the two purposes apart.
TEST(Threats, threat_2_signature_of_one_purpose_serves_no_other) {
  KeyringWish w{.counter = 1, .root = role({0}), .release = role({0}), .signers = {0}};
  w.comment = "hone bundle name=tiny version=1.0.1 counter=1";
  const auto keyring = open_keyring(make_keyring(w));
  ASSERT_FALSE(keyring);
  EXPECT_NE(keyring.error().message.find("of another keyring"), std::string::npos);
  const auto manifest = Release::verify(to_buffer(document_of(w)), {print_signature(key(0).sign(as_bytes(document_of(w)), "hone keyring counter=1"), signature_comment)}, role({0}));
  EXPECT_FALSE(manifest) << "a keyring is no manifest";
}

TEST(Threats, threat_3_key_listed_or_signing_twice_counts_once) {
  KeyringWish w = second();
  w.signers = {1, 1, 2, 2};  // enough of the old keys, and one of the new ones, twice
  expect_refused_next(make_keyring(w), "signed by 1 trusted keys, 2 are needed");
  w = first();
  w.root.keys.push_back(key(1).public_key());
  EXPECT_FALSE(open_keyring(make_keyring(w)));
  w.root.keys.back().id[0] ^= 1;  // the same key under two ids
  const auto alias = open_keyring(make_keyring(w));
  ASSERT_FALSE(alias);
  EXPECT_NE(alias.error().message.find("listed twice"), std::string::npos) << alias.error().message;
}

TEST(Threats, threat_4_empty_zero_or_absent_signatures) {
  KeyringWish w = second();
  w.signers = {};
  expect_refused_next(make_keyring(w), "not signed");
  KeyringFile file{.document = to_buffer(document_of(second())), .signatures = {""}};
  expect_refused_next(file.join(), "not a minisign signature");
  file.signatures = {std::string(200, '\0')};
  expect_refused_next(file.join(), "not a minisign signature");
  Signature zeros = key(1).sign(file.document, "hone keyring counter=2");
  zeros.signature.fill(0);
  zeros.global.fill(0);
  file.signatures = {print_signature(zeros, keyring_comment)};
  expect_refused_next(file.join(), "is wrong");
  expect_refused_next({}, "not a Hone keyring");
}

TEST(Threats, threat_10_keyring_signed_by_one_side_only) {
  KeyringWish w = second();
  w.signers = {5, 6};
  expect_refused_next(make_keyring(w), "by the root keys of keyring 1");
  w.signers = {2, 5, 6};  // one of the old keys is not two
  expect_refused_next(make_keyring(w), "by the root keys of keyring 1");
  w.signers = {1, 2, 3};
  expect_refused_next(make_keyring(w), "by its own root keys");
}

TEST(Threats, threat_11_keyring_with_another_number_inside) {
  KeyringWish w = second();
  w.comment = "hone keyring counter=3";
  expect_refused_next(make_keyring(w), "of another keyring");
  const auto two = next_keyring(in_force(), make_keyring(second()));
  ASSERT_TRUE(two);
  EXPECT_TRUE(check_keyring_name("keys/2.keyring", *two));
  EXPECT_TRUE(check_keyring_name("keys/latest.keyring", *two));
  for (const char* name : {"3.keyring", "keys/1.keyring", "02222222222222222222222.keyring"}) expect_refused(check_keyring_name(name, *two), Code::untrusted, "holds keyring 2");
}

TEST(Threats, threat_12_keyring_counter_decreased) {
  for (const std::uint64_t counter : {1, 2}) {
    KeyringWish w = second(), now = second();
    w.counter = counter;
    const auto next = next_keyring(*open_keyring(make_keyring({.counter = 2, .root = now.root, .release = now.release, .signers = {2, 5}})), make_keyring(w));
    ASSERT_FALSE(next);
    EXPECT_NE(next.error().message.find("rollback refused"), std::string::npos) << next.error().message;
  }
}

TEST(keyring, minisign_checks_it) {
  if (shell("command -v minisign > /dev/null") != 0) GTEST_SKIP() << "needs the program minisign";
  Folder folder;
  ASSERT_TRUE(write_file(folder.path / "1.keyring", make_keyring(first())));
  ASSERT_TRUE(write_file(folder.path / "1.pub", as_bytes(print_public_key(key(1).public_key()))));
  ASSERT_TRUE(write_file(folder.path / "2.pub", as_bytes(print_public_key(key(2).public_key()))));
  const std::string in = "cd " + folder.path.string() + " && ";
  EXPECT_EQ(shell(in + "tar xf 1.keyring && minisign -V -q -H -m keyring.json -p 1.pub && minisign -V -q -m keyring.json -x keyring.json.minisig.2 -p 2.pub"), 0);
}

}  // namespace hone
