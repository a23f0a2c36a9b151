// SPDX-License-Identifier: Apache-2.0
// Keys and signatures, among themselves and against Debian's minisign.
#include "tests/bundle/helpers.h"

namespace hone {

TEST(keys, text_round_trip) {
  const SecretKey& key = test_key();
  const auto again = SecretKey::parse(key.print());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->public_key(), key.public_key());
  const auto pub = parse_public_key(print_public_key(key.public_key()));
  ASSERT_TRUE(pub);
  EXPECT_EQ(*pub, key.public_key());
  const Signature s = key.sign(as_bytes("message"), "comment");
  const auto parsed = parse_signature(print_signature(s, "x"));
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(verify_signature(*parsed, *pub, as_bytes("message")));
  expect_refused(verify_signature(*parsed, *pub, as_bytes("massage")), Code::untrusted, "wrong");
}

TEST(keys, damaged_keys_are_refused) {
  const std::string text = test_key().print(), pub = print_public_key(test_key().public_key());
  EXPECT_FALSE(SecretKey::parse(""));
  EXPECT_FALSE(SecretKey::parse("one line"));
  EXPECT_FALSE(parse_public_key(""));
  for (std::size_t n = 0; n + 1 < pub.size(); ++n) EXPECT_FALSE(parse_public_key(std::string_view(pub).substr(0, n)));
  std::string damaged = text;
  damaged[text.find('\n') + 90] ^= 1;  // within the seed
  EXPECT_FALSE(SecretKey::parse(damaged));
}

TEST(keys, threat_2_unknown_key) {
  const Buffer bytes = make_bundle({}, 1, {&other_key()});
  expect_refused(read_bundle(bytes), Code::untrusted, "which is not trusted here");
  // The trusted key's id with another key's material.
  Trust forged = test_trust();
  forged.keys[0].key = other_key().public_key().key;
  expect_refused(read_bundle(make_bundle({}, 1), forged), Code::untrusted, "wrong");
}

TEST(keys, threat_3_one_key_counts_once) {
  const Buffer twice = make_bundle({}, 1, {&test_key(), &test_key()}), both = make_bundle({}, 1, {&test_key(), &other_key()});
  Trust two = trust_in({&test_key(), &test_key(), &other_key()}, 2);
  expect_refused(read_bundle(twice, two), Code::untrusted, "2 are needed");
  EXPECT_TRUE(read_bundle(both, two));
  EXPECT_TRUE(read_bundle(both, test_trust())) << "a signature by a key not listed does no harm";
  Trust alias = two;
  alias.keys[2] = test_key().public_key();
  alias.keys[2].id[0] ^= 1;  // the same key material under two ids
  expect_refused(read_bundle(twice, alias), Code::untrusted, "2 are needed");
}

TEST(keys, threat_4_empty_or_absent_signature) {
  const Contents c;
  const Buffer bytes = make_bundle(c, 1);
  const std::size_t begin = as_text(bytes).find("manifest.json.minisig"), end = as_text(bytes).find("payload/");
  Buffer absent = bytes;
  absent.erase(absent.begin() + static_cast<std::ptrdiff_t>(begin), absent.begin() + static_cast<std::ptrdiff_t>(end));
  expect_refused(read_bundle(absent), Code::untrusted, "not signed");
  Buffer empty = absent;
  const auto header = ustar_header({"manifest.json.minisig", 0});
  empty.insert(empty.begin() + static_cast<std::ptrdiff_t>(begin), header.begin(), header.end());
  expect_refused(read_bundle(empty), Code::untrusted, "not a minisign signature");
  Buffer zeros = bytes;
  std::fill(zeros.begin() + static_cast<std::ptrdiff_t>(begin + ustar_block), zeros.begin() + static_cast<std::ptrdiff_t>(end), std::byte{0});
  expect_refused(read_bundle(zeros), Code::untrusted, "not a minisign signature");
}

TEST(keys, threat_5_missing_keys_fail_closed) {
  expect_refused(read_bundle(make_bundle({}, 1), Trust{}), Code::untrusted, "no key is trusted");
  const std::string missing[] = {"/nonexistent/K.pub"};
  const auto trust = read_trust(missing);
  ASSERT_FALSE(trust);
  EXPECT_EQ(trust.error().code, Code::untrusted);
}

TEST(keys, threat_6_version_strings_change_no_check) {
  Contents c;
  std::vector<SecretKey> keys{other_key()};
  for (const char* version : {"0.0.0-dev", "-dev", "9999.0.0"}) {
    Manifest m = test_manifest(1);
    m.version = version;
    const auto bytes = write_bundle(m, inputs_of(c), keys);
    ASSERT_TRUE(bytes);
    expect_refused(read_bundle(*bytes), Code::untrusted, "not trusted");
  }
}

class Minisign : public testing::Test {
 protected:
  void SetUp() override {
    if (shell("command -v minisign > /dev/null") != 0) GTEST_SKIP() << "needs the program minisign";
  }
  Folder folder;
  int run(const std::string& arguments) const { return shell("cd " + folder.path.string() + " && " + arguments + " > /dev/null 2>&1"); }
  std::string read(const char* name) const { return std::string(as_text(*read_file(folder.path / name))); }
};

TEST_F(Minisign, checks_our_signatures) {
  ASSERT_TRUE(write_file(folder.path / "k.pub", as_bytes(print_public_key(test_key().public_key()))));
  ASSERT_TRUE(write_file(folder.path / "b.hone", make_bundle({}, 1)));
  EXPECT_EQ(run("tar xf b.hone && minisign -V -H -m manifest.json -p k.pub"), 0);
  EXPECT_EQ(run("echo x >> manifest.json; minisign -V -m manifest.json -p k.pub"), 1);
}

TEST_F(Minisign, its_keys_and_signatures_work_here) {
  ASSERT_EQ(run("minisign -G -W -p m.pub -s m.key"), 0);
  const auto key = SecretKey::parse(read("m.key"));
  const auto pub = parse_public_key(read("m.pub"));
  ASSERT_TRUE(key && pub);
  EXPECT_EQ(key->public_key(), *pub);
  ASSERT_EQ(run("printf message > m && minisign -S -W -s m.key -m m -t 'some words'"), 0);
  const auto signature = parse_signature(read("m.minisig"));
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_EQ(signature->trusted_comment, "some words");
  EXPECT_TRUE(verify_signature(*signature, *pub, as_bytes("message")));
  EXPECT_FALSE(verify_signature(*signature, *pub, as_bytes("message2")));
  ASSERT_EQ(run("minisign -S -l -W -s m.key -m m -x old.minisig"), 0);
  EXPECT_FALSE(parse_signature(read("old.minisig"))) << "legacy signatures are refused";
}

TEST_F(Minisign, signs_with_our_key) {
  ASSERT_TRUE(write_file(folder.path / "k.key", as_bytes(test_key().print())));
  ASSERT_EQ(run("printf message > m && minisign -S -W -s k.key -m m"), 0);
  const auto signature = parse_signature(read("m.minisig"));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(verify_signature(*signature, test_key().public_key(), as_bytes("message")));
}

// At minisign's own cost, which is its default: a second or more, and 1 GiB.
TEST_F(Minisign, its_encrypted_keys_open_here) {
  ASSERT_TRUE(write_file(folder.path / "k.key", as_bytes(test_key().print())));
  if (run("printf 'pw\\npw\\n' | minisign -C -s k.key") != 0) GTEST_SKIP() << "this minisign asks for a password on a terminal only, or lacks the memory";
  const std::string text = read("k.key");
  ASSERT_TRUE(SecretKey::encrypted(text));
  const auto key = SecretKey::parse(text, "pw");
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->public_key(), test_key().public_key());
}

constexpr std::uint64_t cheap_work = UINT64_C(1) << 15, cheap_memory = UINT64_C(1) << 24;

TEST_F(Minisign, opens_our_encrypted_keys) {
  const auto text = test_key().print("pw", cheap_work, cheap_memory);
  ASSERT_TRUE(text) << text.error().message;
  ASSERT_TRUE(write_file(folder.path / "k.key", as_bytes(*text)));
  EXPECT_NE(run("printf message > m && printf 'no\\n' | minisign -S -s k.key -m m"), 0);
  ASSERT_EQ(run("printf 'pw\\n' | minisign -S -s k.key -m m"), 0);
  const auto signature = parse_signature(read("m.minisig"));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(verify_signature(*signature, test_key().public_key(), as_bytes("message")));
}

TEST(keys, encrypted_keys_open_with_their_password_only) {
  const auto text = test_key().print("pw", cheap_work, cheap_memory), again = test_key().print("pw", cheap_work, cheap_memory);
  ASSERT_TRUE(text && again);
  EXPECT_NE(*text, *again) << "the salt is new each time";
  ASSERT_TRUE(SecretKey::encrypted(*text));
  const auto key = SecretKey::parse(*text, "pw");
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->public_key(), test_key().public_key());
  for (const char* password : {"", "pw ", "PW"}) {
    const auto wrong = SecretKey::parse(*text, password);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Code::untrusted);
  }
}

}  // namespace hone
