// SPDX-License-Identifier: Apache-2.0
// age v1: headers, keys and streams, against Debian's age in both directions, and against everything that can be done to their bytes.
#include "helpers.h"
#include "lib/bundle/age_stream.h"
#include "lib/bundle/base64.h"

namespace hone {
namespace {

// The identity and recipient that the specification shows.
constexpr std::string_view spec_identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
constexpr std::string_view spec_recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

const AgeIdentity& device() {
  static const AgeIdentity identity = *AgeIdentity::parse(spec_identity);
  return identity;
}
const AgeIdentity& stranger() {
  static const AgeIdentity identity = *AgeIdentity::generate();
  return identity;
}
Unlock with(const AgeIdentity& identity) { return {.identities = {identity}, .grant = {}}; }

Buffer random_bytes(std::size_t n) {
  std::mt19937_64 random(n);
  Buffer bytes(n);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

Buffer encrypt(Bytes plain, std::vector<AgeRecipient> recipients = {device().recipient()}) {
  auto sealed = encrypt_age(plain, recipients);
  EXPECT_TRUE(sealed) << sealed.error().message;
  return *sealed;
}

// All of an input, `step` bytes at a time.
Result<Buffer> drain(const Input& input, std::size_t step = 100000) {
  Buffer out;
  for (;;) {
    const std::size_t before = out.size();
    out.resize(before + step);
    TRY(const std::size_t n, input.read(before, std::span(out).subspan(before)));
    out.resize(before + n);
    if (n < step) return out;
  }
}
Result<Buffer> decrypt(Bytes sealed, const Unlock& unlock = with(device()), std::size_t step = 100000) {
  TRY(const Input plain, open_age(memory_input("sealed", sealed), unlock));
  return drain(plain, step);
}

const std::vector<std::size_t> lengths{0, 1, 65535, 65536, 65537, 131072, 200000};

TEST(AgeKeys, bech32_of_the_specification) {
  EXPECT_EQ(print_age_recipient(device().recipient()), spec_recipient);
  EXPECT_EQ(as_text(device().print()->bytes()), spec_identity);
  EXPECT_EQ(*parse_age_recipient(spec_recipient), device().recipient());
  EXPECT_EQ(AgeIdentity::parse(as_text(stranger().print()->bytes()))->recipient(), stranger().recipient());
}

TEST(AgeKeys, every_changed_character_is_refused) {
  for (const std::string_view good : {spec_identity, spec_recipient}) {
    for (std::size_t i = 0; i <= good.size(); ++i)
      for (const char c : {'q', 'Q', 'p', 'Z', '1', 'b', ' ', '\0'}) {
        std::string changed(good), longer(good);
        longer.insert(i, 1, c);
        EXPECT_FALSE(parse_age_recipient(longer) || AgeIdentity::parse(longer));
        if (i == good.size() || changed[i] == c) continue;
        changed[i] = c;
        EXPECT_FALSE(parse_age_recipient(changed) || AgeIdentity::parse(changed)) << changed;
        EXPECT_FALSE(parse_age_recipient(good.substr(0, i)) || AgeIdentity::parse(good.substr(0, i)));
      }
  }
}

TEST(AgeKeys, files_have_comments_and_are_private) {
  const Folder folder;
  const Path path = folder.path / "id";
  ASSERT_TRUE(write_file(path, as_bytes(format("# made by a test\n\n{}\r\n", spec_identity))));
  ::chmod(path.c_str(), 0640);
  expect_refused([&]() -> Status {
    CHECK_OK(read_age_identities(path));
    return Ok{};
  }(), Code::untrusted, "chmod 600");
  ::chmod(path.c_str(), 0600);
  const auto identities = read_age_identities(path);
  ASSERT_TRUE(identities) << identities.error().message;
  EXPECT_EQ(identities->at(0).recipient(), device().recipient());
  ASSERT_TRUE(write_file(folder.path / "to", as_bytes(format("#\n{}\n{}\n", spec_recipient, print_age_recipient(stranger().recipient())))));
  EXPECT_EQ(read_age_recipients(folder.path / "to")->size(), 2U);
  ASSERT_TRUE(write_file(path, as_bytes("AGE-SECRET-KEY-1NONSENSE\n"), true));
  ::chmod(path.c_str(), 0600);
  const auto refused = read_age_identities(path);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("line 1"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("NONSENSE"), std::string::npos) << "a secret is not repeated in messages";
}

TEST(Base64, one_text_for_each_value) {
  const std::array<unsigned char, 3> ones{255, 255, 255};
  ASSERT_EQ(to_base64(ones, unpadded), "////");
  for (int c = 0; c < 256; ++c) EXPECT_EQ(from_base64(std::string("///") + static_cast<char>(c), 3) == std::vector<unsigned char>(ones.begin(), ones.end()), c == '/') << c;
  EXPECT_FALSE(from_base64("AB==", 1));  // bits left over
  EXPECT_FALSE(from_base64("AA", 1));
  EXPECT_TRUE(from_base64("AA", 1, unpadded));
  EXPECT_TRUE(from_base64("", 0));
}

TEST(Age, lengths_around_the_chunk_come_back) {
  for (const std::size_t n : lengths) {
    const Buffer plain = random_bytes(n), sealed = encrypt(plain);
    const auto header = AgeHeader::read(memory_input("sealed", sealed));
    ASSERT_TRUE(header);
    EXPECT_EQ(sealed.size(), header->text().size() + age_payload_length(n));
    for (const std::size_t step : {std::size_t{4096}, std::size_t{65536}, std::size_t{65537}}) {
      const auto back = decrypt(sealed, with(device()), step);
      ASSERT_TRUE(back) << back.error().message;
      EXPECT_EQ(*back, plain);
    }
  }
}

TEST(Age, reads_in_any_order) {
  const Buffer plain = random_bytes(200000), sealed = encrypt(plain);
  const auto input = open_age(memory_input("sealed", sealed), with(device()));
  ASSERT_TRUE(input);
  for (const std::size_t at : {150000U, 10U, 65535U, 199999U, 65536U, 131071U, 0U}) {
    Buffer piece(70000);
    const auto n = input->read(at, piece);
    ASSERT_TRUE(n) << n.error().message;
    EXPECT_EQ(*n, std::min<std::size_t>(piece.size(), plain.size() - at));
    EXPECT_TRUE(std::equal(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*n), plain.begin() + static_cast<std::ptrdiff_t>(at)));
  }
  Buffer piece(10);
  EXPECT_EQ(*input->read(200000, piece), 0U);
  EXPECT_EQ(*input->read(UINT64_C(1) << 40, piece), 0U);
  EXPECT_FALSE(open_age(memory_input("sealed", sealed), with(device()))->read(UINT64_C(1) << 61, piece));
}

TEST(Age, several_recipients_and_strangers) {
  const Buffer plain = random_bytes(1000), sealed = encrypt(plain, {stranger().recipient(), device().recipient()});
  EXPECT_EQ(*decrypt(sealed), plain);
  EXPECT_EQ(*decrypt(sealed, with(stranger())), plain);
  const auto refused = decrypt(encrypt(plain), with(stranger()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::untrusted);
  const auto nobody = decrypt(sealed, {});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, Code::usage);
  EXPECT_NE(nobody.error().message.find("--identity"), std::string::npos);
}

TEST(Age, two_files_share_nothing) {
  const Buffer plain = random_bytes(100), a = encrypt(plain), b = encrypt(plain);
  for (std::size_t i = 0; i + 16 <= a.size(); ++i) {
    const Bytes window = Bytes(a).subspan(i, 16);
    if (as_text(window).find_first_of("\n") != std::string_view::npos || i < 40) continue;  // the words of the format
    EXPECT_EQ(std::search(b.begin(), b.end(), window.begin(), window.end()), b.end()) << i;
  }
}

// Header: what an attacker without the file key may try.
std::string header_of(Bytes sealed) { return AgeHeader::read(memory_input("sealed", sealed))->text(); }

TEST(Threats, threat_34_every_changed_byte_of_an_age_file_is_refused) {
  const Buffer plain = random_bytes(3000), sealed = encrypt(plain, {stranger().recipient(), device().recipient()});
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Buffer changed = sealed;
    changed[i] ^= static_cast<std::byte>(1 << i % 7);
    const auto read = decrypt(changed);
    ASSERT_FALSE(read) << "byte " << i;
    EXPECT_EQ(read.error().code, Code::untrusted) << read.error().message;
  }
  for (std::size_t n = 0; n < sealed.size(); n += n < 500 ? 1 : 97) {
    const auto read = decrypt(Bytes(sealed).first(n));
    ASSERT_FALSE(read) << "first " << n;
    EXPECT_EQ(read.error().code, Code::untrusted) << read.error().message;
  }
}

Buffer joined(std::initializer_list<Bytes> pieces) {
  Buffer out;
  for (const Bytes piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

TEST(Threats, threat_34_chunks_moved_dropped_doubled_or_of_another_file_are_refused) {
  constexpr std::size_t sealed_chunk = 65552;
  const Buffer plain = random_bytes(3 * 65536), sealed = encrypt(plain), other = encrypt(plain);
  const std::size_t begin = header_of(sealed).size() + age_nonce_length;
  const auto part = [&](std::size_t i, const Buffer& from) { return Bytes(from).subspan(begin + i * sealed_chunk, sealed_chunk); };
  const Bytes front = Bytes(sealed).first(begin);
  const std::vector<Buffer> attacks{
      joined({front, part(1, sealed), part(0, sealed), part(2, sealed)}),                   // moved
      joined({front, part(0, sealed), part(2, sealed)}),                                    // dropped
      joined({front, part(0, sealed), part(1, sealed)}),                                    // cut at a chunk
      joined({front, part(0, sealed), part(0, sealed), part(1, sealed), part(2, sealed)}),  // doubled
      joined({front, part(0, sealed), part(1, sealed), part(2, sealed), part(2, sealed)}),  // the last twice
      joined({front, part(0, sealed), part(1, other), part(2, sealed)}),                    // of another file
      joined({front, part(2, sealed)}),
      joined({front}),
      joined({sealed, as_bytes("x")}),
      joined({sealed, random_bytes(100000)}),
  };
  for (std::size_t i = 0; i < attacks.size(); ++i) {
    const auto read = decrypt(attacks[i]);
    ASSERT_FALSE(read) << "attack " << i;
    EXPECT_EQ(read.error().code, Code::untrusted);
  }
  // Read out of order, a cut file is found out too, whichever part is asked for.
  const auto input = open_age(memory_input("cut", attacks[2]), with(device()));
  Buffer piece(10);
  EXPECT_TRUE(input->read(0, piece));
  EXPECT_FALSE(input->read(65536, piece));
  EXPECT_FALSE(input->read(131072, piece));
  EXPECT_FALSE(input->read(UINT64_C(1) << 30, piece));
}

TEST(Threats, threat_34_header_stanzas_altered_are_refused) {
  const Buffer plain = random_bytes(10), sealed = encrypt(plain, {stranger().recipient(), device().recipient()});
  const std::string header = header_of(sealed);
  const Bytes payload = Bytes(sealed).subspan(header.size());
  const std::size_t first = header.find("-> "), second = header.find("-> ", first + 1), end = header.find("---");
  const std::string a = header.substr(first, second - first), b = header.substr(second, end - second), front = header.substr(0, first), back = header.substr(end);
  for (const std::string& text : {front + b + back, front + b + a + back, front + a + a + b + back, front + a + b + "-> grease\n\n" + back}) {
    const auto read = decrypt(joined({as_bytes(text), payload}));
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find("MAC"), std::string::npos) << read.error().message;
  }
  const std::string low_order = format("{}-> X25519 {}\n{}\n{}", front, to_base64(std::array<unsigned char, 32>{}, unpadded), to_base64(std::array<unsigned char, 32>{}, unpadded), back);
  const auto read = decrypt(joined({as_bytes(low_order), payload}));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("low order"), std::string::npos) << read.error().message;
}

TEST(AgeHeader, form_is_held_to_the_letter) {
  const std::string mac = "--- " + std::string(42, 'A') + "A\n", line64(64, 'A'), front = "age-encryption.org/v1\n";
  const std::string share(43, 'A'), body = std::string(42, 'A') + "A\n";
  const auto parses = [](const std::string& text) { return AgeHeader::parse(text).has_value(); };
  for (const std::string& good : {"-> X25519 " + share + "\n" + body, std::string("-> x\n\n"), "-> some.org/kind with ! arguments\n" + line64 + "\nAAAA\n", "-> x\n" + line64 + "\n\n", std::string("-> x25519 lower\nAAAA\n")})
    EXPECT_TRUE(parses(front + good + mac)) << good;
  for (const std::string& bad : {std::string(), "-> X25519\n" + body, "-> X25519 " + share + " more\n" + body, "-> X25519 " + share.substr(1) + "\n" + body, "-> X25519 " + share + "\nAAAA\n",
                                 "-> X25519 " + share.substr(1) + "B\n" + body, "-> X25519 " + share + "=\n" + body, std::string("->  x\n\n"), std::string("-> x \n\n"), std::string("->x\n\n"),
                                 std::string("-> \n\n"), std::string("-> x\r\n\n"), std::string("-> x\n"), std::string("-> x\nAA==\n"), std::string("-> x\nAB\n"), std::string("-> x\nA\n"),
                                 "-> x\n" + line64 + "A\n", "-> x\n" + line64 + "\n", std::string("-> x\nAAAA\nAAAA\n"), std::string("-> \x7f\n\n"), std::string("-> \xc3\xa9\n\n"),
                                 "-> scrypt AAAA 18\nAAAA\n-> X25519 " + share + "\n" + body})
    EXPECT_FALSE(parses(front + bad + mac)) << bad;
  const std::string stanza = "-> x\n\n";
  for (const std::string& bad : {"age-encryption.org/v2\n" + stanza + mac, "age-encryption.org/v1\r\n" + stanza + mac, front + stanza + "---" + mac.substr(4), front + stanza + "---  " + mac.substr(4),
                                 front + stanza + mac.substr(0, mac.size() - 1), front + stanza + mac.substr(0, 20) + "\n", front + stanza + mac.substr(0, mac.size() - 2) + "B\n", front + stanza + mac + "x",
                                 front + stanza + "--- " + std::string(44, 'A') + "\n", front + stanza + mac.substr(0, mac.size() - 1) + " \n"})
    EXPECT_FALSE(parses(bad)) << bad;
  std::string large = front;
  while (large.size() < age_header_limit) large += "-> x\n" + line64 + "\n\n";
  EXPECT_FALSE(parses(large + mac));
  EXPECT_FALSE(AgeHeader::read(memory_input("large", as_bytes(large + mac))));
}

TEST(Grant, opens_one_file_for_one_more_device) {
  const Buffer plain = random_bytes(70000), sealed = encrypt(plain), other = encrypt(plain);
  const auto header = AgeHeader::read(memory_input("sealed", sealed));
  const auto key = unlock(*header, with(device()));
  ASSERT_TRUE(key);
  const std::array<AgeRecipient, 1> admitted{stranger().recipient()};
  const auto grant = AgeHeader::make(*key, admitted);
  ASSERT_TRUE(grant);
  EXPECT_EQ(*decrypt(sealed, {.identities = {stranger()}, .grant = *grant}), plain);
  // A grant and the payload are an age file too, as any tool reads it.
  EXPECT_EQ(*decrypt(joined({as_bytes(grant->text()), Bytes(sealed).subspan(header->text().size())}), with(stranger())), plain);
  const auto wrong_file = decrypt(other, {.identities = {stranger()}, .grant = *grant});
  ASSERT_FALSE(wrong_file);
  EXPECT_EQ(wrong_file.error().code, Code::untrusted);
  EXPECT_NE(wrong_file.error().message.find("another file"), std::string::npos);
}

TEST(Threats, threat_34_grant_of_another_device_is_refused) {
  const Buffer sealed = encrypt(random_bytes(100));
  const auto key = unlock(*AgeHeader::read(memory_input("sealed", sealed)), with(device()));
  const std::array<AgeRecipient, 1> admitted{device().recipient()};
  const auto grant = AgeHeader::make(*key, admitted);
  const auto read = decrypt(sealed, {.identities = {stranger()}, .grant = *grant});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::untrusted);
  EXPECT_NE(read.error().message.find("the grant is for others"), std::string::npos) << read.error().message;
}

// Debian's age, both ways.
class AgeProgram : public testing::Test {
 protected:
  void SetUp() override {
    if (shell("command -v age > /dev/null") != 0) GTEST_SKIP() << "needs the program age";
    const auto secret = device().print();
    ASSERT_TRUE(write_file(folder_.path / "id", secret->bytes()));
    ::chmod((folder_.path / "id").c_str(), 0600);
  }
  std::string at(const char* name) const { return (folder_.path / name).string(); }
  Folder folder_;
};

TEST_F(AgeProgram, reads_ours) {
  for (const std::size_t n : lengths) {
    const Buffer plain = random_bytes(n);
    ASSERT_TRUE(write_file(at("sealed"), encrypt(plain, {stranger().recipient(), device().recipient()}), true));
    ASSERT_EQ(shell(format("age -d -i {} {} > {}", at("id"), at("sealed"), at("plain"))), 0) << n;
    EXPECT_EQ(*read_file(at("plain")), plain);
  }
}

TEST_F(AgeProgram, writes_what_we_read) {
  for (const std::size_t n : lengths) {
    const Buffer plain = random_bytes(n);
    ASSERT_TRUE(write_file(at("plain"), plain, true));
    ASSERT_EQ(shell(format("age -r {} -r {} -o {} {}", print_age_recipient(stranger().recipient()), spec_recipient, at("sealed"), at("plain"))), 0);
    const auto input = open_input(at("sealed"));
    const auto opened = open_age(*input, with(device()));
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(*drain(*opened), plain) << n;
  }
}

TEST_F(AgeProgram, derives_the_same_recipient) {
  ASSERT_EQ(shell(format("age-keygen -y {} > {}", at("id"), at("to"))), 0);
  EXPECT_EQ(read_age_recipients(at("to"))->at(0), device().recipient());
  ASSERT_EQ(shell(format("age-keygen -o {} 2> {}", at("new"), at("log"))), 0);
  EXPECT_TRUE(read_age_identities(at("new")));
}

}  // namespace
}  // namespace hone
