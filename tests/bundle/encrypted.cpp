// SPDX-License-Identifier: Apache-2.0
// Encrypted bundles and deltas: who can read them, who cannot, what is refused, and that age and tar open them.
#include <sys/stat.h>

#include "tests/bundle/attacks.h"
#include "lib/bundle/age_stream.h"

namespace hone {
namespace {

const AgeIdentity& reader() {
  static const AgeIdentity identity = *AgeIdentity::generate();
  return identity;
}
const AgeIdentity& newcomer() {
  static const AgeIdentity identity = *AgeIdentity::generate();
  return identity;
}
Unlock with(const AgeIdentity& identity) { return {.identities = {identity}, .grant = {}}; }
const std::array<AgeRecipient, 1>& for_reader() {
  static const std::array<AgeRecipient, 1> list{reader().recipient()};
  return list;
}

Contents large_contents(float moved = 0) {
  Contents c;
  c.model_weights = weights(70000, moved);
  return c;
}

Buffer encrypted_bundle(const Contents& c, std::uint64_t counter) {
  auto bundle = write_bundle(test_manifest(counter), inputs_of(c), std::span(&test_key(), 1), for_reader());
  EXPECT_TRUE(bundle) << bundle.error().message;
  return *bundle;
}

Result<Bundle> open(Bytes bytes, const Unlock& unlock) { return Bundle::open(memory_input("test", bytes), test_trust(), unlock); }
Status read_encrypted(Bytes bytes, const Unlock& unlock) {
  TRY(const Bundle bundle, open(bytes, unlock));
  return bundle.read_all(ignore_blocks());
}

// Where payload.age lies in a bundle.
struct Sealed {
  std::size_t begin, length, header;
};
Sealed sealed_in(Bytes bytes) {
  const auto bundle = open(bytes, {});
  EXPECT_TRUE(bundle && bundle->manifest().encryption) << bundle.error().message;
  const Encryption& e = *bundle->manifest().encryption;
  const auto length = static_cast<std::size_t>(e.length);
  const std::size_t begin = bytes.size() - 2 * ustar_block - ustar_padding(length) - length;
  EXPECT_EQ(as_text(bytes.subspan(begin, e.header.size())), e.header);
  return {begin, length, e.header.size()};
}

bool contains(Bytes bytes, Bytes piece) { return std::search(bytes.begin(), bytes.end(), piece.begin(), piece.end()) != bytes.end(); }

TEST(Encrypted, opens_with_its_identity_only) {
  const Contents c = large_contents();
  const Buffer bytes = encrypted_bundle(c, 1);
  EXPECT_FALSE(contains(bytes, Bytes(c.model_plan).first(16)));
  const auto bundle = open(bytes, with(reader()));
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_TRUE(bundle->read_all(ignore_blocks()));
  EXPECT_EQ(*bundle->file("model.weights"), c.model_weights);
  EXPECT_EQ(*bundle->file("model.plan"), c.model_plan);  // and back
  EXPECT_EQ(*bundle->file("notes/empty"), Buffer());
  expect_refused(read_encrypted(bytes, with(newcomer())), Code::untrusted, "for others");
  const auto locked = open(bytes, {});
  ASSERT_TRUE(locked && locked->locked());
  EXPECT_TRUE(locked->check_sealed());
  expect_refused(locked->read_all(ignore_blocks()), Code::usage, "--identity");
  EXPECT_FALSE(locked->block(0, 0));
}

TEST(Encrypted, manifests_differ_in_nothing_but_the_encryption) {
  const Contents c;
  const Buffer a = encrypted_bundle(c, 1), b = encrypted_bundle(c, 1);
  Manifest first = open(a, {})->manifest(), second = open(b, {})->manifest();
  EXPECT_NE(first.encryption->header, second.encryption->header);
  EXPECT_NE(first.encryption->nonce, second.encryption->nonce);
  first.encryption.reset(), second.encryption.reset();
  EXPECT_EQ(print_manifest(first), print_manifest(second));
  EXPECT_EQ(print_manifest(first), print_manifest(open(make_bundle(c, 1), {})->manifest()));
}

TEST(Threats, threat_34_every_changed_byte_of_an_encrypted_bundle_is_refused) {
  Buffer bytes = encrypted_bundle(Contents(), 1);
  for (std::size_t i = 0; i < bytes.size(); i += i % 29 + 1) {
    bytes[i] ^= std::byte{1};
    ASSERT_FALSE(read_encrypted(bytes, with(reader()))) << "byte " << i;
    const auto locked = open(bytes, {});
    ASSERT_FALSE(locked && locked->check_sealed()) << "byte " << i;
    bytes[i] ^= std::byte{1};
  }
  for (std::size_t n = 0; n < bytes.size(); n += 101) {
    ASSERT_FALSE(read_encrypted(Bytes(bytes).first(n), with(reader()))) << "first " << n;
  }
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(read_encrypted(bytes, with(reader())));
}

TEST(Threats, threat_34_chunks_of_a_bundle_moved_or_doubled_are_refused) {
  const Buffer bytes = encrypted_bundle(large_contents(), 1), other = encrypted_bundle(large_contents(), 1);
  const Sealed s = sealed_in(bytes);
  constexpr std::size_t chunk = 65552;
  const std::size_t first = s.begin + s.header + age_nonce_length;
  ASSERT_GT(s.length, s.header + age_nonce_length + 3 * chunk);
  Buffer swapped = bytes, doubled = bytes, foreign = bytes;
  std::swap_ranges(swapped.begin() + static_cast<std::ptrdiff_t>(first), swapped.begin() + static_cast<std::ptrdiff_t>(first + chunk), swapped.begin() + static_cast<std::ptrdiff_t>(first + chunk));
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(first), chunk, doubled.begin() + static_cast<std::ptrdiff_t>(first + chunk));
  ASSERT_EQ(sealed_in(other).begin, s.begin);
  std::copy_n(other.begin() + static_cast<std::ptrdiff_t>(first), chunk, foreign.begin() + static_cast<std::ptrdiff_t>(first));
  for (const Buffer& attack : {swapped, doubled, foreign}) {
    expect_refused(read_encrypted(attack, with(reader())), Code::untrusted, "does not authenticate");
    const auto locked = open(attack, {});
    ASSERT_TRUE(locked);
    expect_refused(locked->check_sealed(), Code::untrusted, "SHA-256");
  }
}

TEST(Threats, threat_34_payload_or_header_of_another_release_is_refused) {
  const Buffer one = encrypted_bundle(large_contents(), 1), two = encrypted_bundle(large_contents(), 2);
  const Sealed a = sealed_in(one), b = sealed_in(two);
  ASSERT_EQ(a.length, b.length);
  Buffer mixed = one;
  std::copy_n(two.begin() + static_cast<std::ptrdiff_t>(b.begin), b.length, mixed.begin() + static_cast<std::ptrdiff_t>(a.begin));
  expect_refused(read_encrypted(mixed, with(reader())), Code::untrusted, "begins otherwise than was signed");
  // A plain payload where an encrypted one was signed.
  const Buffer plain = make_bundle(large_contents(), 1);
  const std::size_t plain_front = static_cast<std::size_t>(std::search(plain.begin(), plain.end(), as_bytes("payload/").begin(), as_bytes("payload/").end()) - plain.begin());
  Buffer undressed(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(a.begin - ustar_block));
  undressed.insert(undressed.end(), plain.begin() + static_cast<std::ptrdiff_t>(plain_front), plain.end());
  expect_refused(read_encrypted(undressed, with(reader())), Code::untrusted, "does not have payload.age as signed");
}

TEST(Encrypted, a_grant_admits_a_newcomer) {
  const Contents c = large_contents();
  const Buffer bytes = encrypted_bundle(c, 1), other = encrypted_bundle(c, 1);
  const auto header = AgeHeader::parse(open(bytes, {})->manifest().encryption->header);
  const auto key = unlock(*header, with(reader()));
  const std::array<AgeRecipient, 1> admitted{newcomer().recipient()};
  const auto grant = AgeHeader::make(*key, admitted);
  const Unlock granted{.identities = {newcomer()}, .grant = *grant};
  EXPECT_EQ(*open(bytes, granted)->file("model.weights"), c.model_weights);
  EXPECT_TRUE(read_encrypted(bytes, granted));
  expect_refused(read_encrypted(other, granted), Code::untrusted, "for another file");
  expect_refused(read_encrypted(bytes, {.identities = {}, .grant = *grant}), Code::usage, "--identity");
}

TEST(Encrypted, deltas_and_the_way_back) {
  const Contents c = large_contents(), d = large_contents(0.001F);
  const Buffer old_bytes = encrypted_bundle(c, 1), new_bytes = encrypted_bundle(d, 2);
  const auto base = open(old_bytes, with(reader())), target = open(new_bytes, with(reader()));
  const auto delta = make_delta(*base, *target);
  ASSERT_TRUE(delta) << delta.error().message;
  const auto wrapped = encrypt_age(*delta, for_reader());
  const auto plain = open_age_or_plain(memory_input("delta", *wrapped), with(reader()));
  ASSERT_TRUE(plain && *Delta::recognize(*plain));
  const auto made = apply_delta(*base, *plain, test_trust(), nullptr, with(reader()));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(*made, new_bytes) << "key and nonce are the same, so the bytes are";
  EXPECT_FALSE(apply_delta(*base, *plain, test_trust()));
  EXPECT_FALSE(open_age_or_plain(memory_input("delta", *wrapped), with(newcomer())));
}

TEST(Encrypted, deltas_are_made_by_several_threads) {
  Contents c = large_contents(), d = large_contents(0.001F);
  c.model_plan = weights(60000, 0.5F), d.model_plan = weights(60000, 0.501F);
  c.notes = weights(50000, 0.25F), d.notes = weights(50000, 0.251F);
  const Buffer old_bytes = encrypted_bundle(c, 1), new_bytes = encrypted_bundle(d, 2);
  const auto base = open(old_bytes, with(reader())), target = open(new_bytes, with(reader()));
  const auto delta = make_delta(*base, *target);
  ASSERT_TRUE(delta) << delta.error().message;
  for (int i = 0; i < 10; ++i) {
    const auto again = make_delta(*base, *target, 4);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, *delta);
  }
}

TEST(Encrypted, manifest_fields_are_strict) {
  const auto bundle = open(encrypted_bundle(Contents(), 1), {});
  const Manifest good = bundle->manifest();
  const auto parses = [](const Manifest& m) { return parse_manifest(print_manifest(m)).has_value(); };
  ASSERT_TRUE(parses(good));
  Manifest m = good;
  m.encryption->length += 1;
  EXPECT_FALSE(parses(m));
  m = good, m.encryption->header += "x";
  EXPECT_FALSE(parses(m));
  m = good, m.encryption->header.clear();
  EXPECT_FALSE(parses(m));
  for (const auto& [from, to] : {std::pair{"\"nonce\":\"", "\"nonce\":\"0"}, {"\"nonce\"", "\"once\""}, {"\"encryption\"", "\"encrypted\""}}) {
    std::string text = print_manifest(good);
    text.replace(text.find(from), std::strlen(from), to);
    EXPECT_FALSE(parse_manifest(text)) << to;
  }
}

TEST(Encrypted, age_and_tar_open_it) {
  if (shell("command -v age > /dev/null") != 0) GTEST_SKIP() << "needs the program age";
  const Folder folder;
  const Contents c = large_contents();
  ASSERT_TRUE(write_file(folder.path / "b.hone", encrypted_bundle(c, 1)));
  ASSERT_TRUE(write_file(folder.path / "id", reader().print()->bytes()));
  ASSERT_EQ(shell(format("cd {} && tar xOf b.hone payload.age | age -d -i id | tar x", folder.path.string())), 0);
  // What comes out is what the plain bundle of the same files holds.
  const Buffer plain = make_bundle(c, 1);
  const auto bundle = Bundle::open(memory_input("plain", plain), test_trust());
  ASSERT_TRUE(bundle);
  for (const FileEntry& f : bundle->manifest().files) {
    const auto unpacked = read_file(folder.path / "payload" / f.name);
    ASSERT_TRUE(unpacked) << f.name;
    EXPECT_TRUE(std::ranges::equal(*unpacked, Bytes(plain).subspan(data_of(plain, f.name), static_cast<std::size_t>(f.stored())))) << f.name;
  }
}

}  // namespace
}  // namespace hone
