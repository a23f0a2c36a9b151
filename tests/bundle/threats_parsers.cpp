// SPDX-License-Identifier: Apache-2.0
// Attacks on what reads untrusted bytes: lengths, names, frames, JSON, entries (threats 8, 26 to 28, 40).
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/bundle/threats.h"

namespace hone {
namespace {

TEST_F(Threats, threat_8_lengths_that_wrap) {
  const std::string length = format("\"length\":{}", Contents().model_weights.size());
  for (const std::string huge : {"2147483648", "2147486048", "4294967296", "4294969696", "9223372036854775807", "9223372036854775808", "18446744073709551615", "99999999999999999999999", "-1", "1.0", "1e3"})
    refused(resigned(release(), replace(length, "\"length\":" + huge)), Code::invalid, "manifest.json");
  for (const std::string huge : {"4294967297", "18446744073709551615", "1048577", "0", "-1"})
    refused(resigned(release(), replace("[\"raw\",0,1,", "[\"raw\",0," + huge + ",")), Code::invalid, "a length or offset");
  for (const std::string offset : {"4294967296", "8589934592", "18446744073709551615", "1"})
    refused(resigned(release(), replace("[\"raw\",0,1,", "[\"raw\"," + offset + ",1,")), Code::invalid, "manifest.json");
  // Sizes in the archive that give the signed ones modulo 2^32, or in the base 256 of other programs.
  const std::size_t at = find(release(), "payload/model.plan");
  const std::uint64_t stored = Bundle::open(memory_input("x", release()), test_trust())->manifest().file("model.plan")->stored();
  for (const std::string& size : {format("{:011o}", stored + (UINT64_C(1) << 32)), format("{:011o}", UINT64_C(0x7fffffff)), std::string("\x80\0\0\0\0\0\0\0\0\0\1", 11), std::string("77777777777")}) {
    Buffer bytes = release();
    const auto header = raw_header("payload/model.plan", '0', size);
    std::ranges::copy(header, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    refused(bytes, Code::untrusted, "payload/model.plan");
    Buffer first = release();
    std::ranges::copy(raw_header("manifest.json", '0', size), first.begin());
    refused(first, Code::untrusted, "manifest.json");
  }
}

TEST_F(Threats, threat_26_paths_links_and_devices) {
  const std::string_view names[] = {"../x", "a/../b", "/etc/passwd", "a//b", "./a", "a/.", "", "a/", "a\\b", "a\nb", "..", ".", "a/..", "\x7f", "\xc3\xa4", std::string_view("a\0b", 3)};
  for (const std::string_view name : names) {
    EXPECT_FALSE(safe_name(name)) << name;
    refused(resigned(release(), replace("\"name\":\"model.plan\"", "\"name\":" + Json(std::string(name)).dump(-1, ' ', true))), Code::untrusted, "plain and relative");
    if (name.empty() || name.find('\0') != name.npos) continue;
    refused(with_inserted(release(), find(release(), "payload/"), raw_header(name)), Code::untrusted, "archive entry");
    refused(with_inserted(release(), 0, raw_header(name)), Code::untrusted, "");
  }
  for (const std::string_view name : {"a", "a/b.c", "...", "golden/0/input_x:0.npy"}) EXPECT_TRUE(safe_name(name)) << name;
  refused(resigned(release(), replace("notes/empty", "model.weights/x")), Code::untrusted, "directory of another");
  const std::size_t at = find(release(), "payload/");
  for (const char type : {'1', '2', '3', '4', '5', '6', '7', 'x', 'g', 'L', 'K', 'S', 'V', '\0'}) {
    refused(with_inserted(release(), at, raw_header("payload/model.plan", type)), Code::untrusted, "a bundle holds files only");
    Buffer in_place = release();
    in_place[at + 156] = static_cast<std::byte>(type);
    refused(in_place, Code::untrusted, "a bundle holds files only");
  }
}

std::string frame_text(Bytes frame, Bytes plain_declared) {
  return format("[\"zstd\",0,{},\"{}\",{},\"{}\"]", frame.size(), to_hex(sha256(frame)), plain_declared.size(), to_hex(sha256(plain_declared)));
}

// Frames that a trusted key signed by mistake: hashes are right, so the decoder itself must hold.
TEST_F(Threats, threat_27_signed_frames_that_lie) {
  const Buffer plain = to_buffer(std::string(5000, 'z'));
  const Buffer frame = zstd_compress(plain, 3);
  Buffer out(5000), small(4999), large(5001);
  EXPECT_TRUE(zstd_decompress(frame, out));
  EXPECT_EQ(out, plain);
  Buffer twice = frame, longer = frame, window = frame, unknown_size = frame;
  twice.insert(twice.end(), frame.begin(), frame.end());  // a second frame behind the first
  longer.push_back(std::byte{0});
  // RFC 8878, 3.1.1: after the magic a descriptor, here followed by a window byte of 2^41 bytes; or without any content size.
  const unsigned char wide[] = {0x28, 0xb5, 0x2f, 0xfd, 0x40, 0xf8, 0x88, 0x12}, open_end[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58};
  window.assign(reinterpret_cast<const std::byte*>(wide), reinterpret_cast<const std::byte*>(wide) + sizeof(wide));
  unknown_size.assign(reinterpret_cast<const std::byte*>(open_end), reinterpret_cast<const std::byte*>(open_end) + sizeof(open_end));
  const Bytes block = Bytes(frame).subspan(7);  // the frame's one block of data
  window.insert(window.end(), block.begin(), block.end());
  unknown_size.insert(unknown_size.end(), block.begin(), block.end());
  const std::pair<Bytes, std::span<std::byte>> cases[] = {{twice, out}, {longer, out}, {frame, small}, {frame, large}, {{}, out}, {plain, out}, {window, out}, {unknown_size, out}};
  for (const auto& [bytes, into] : cases) {
    expect_refused(zstd_decompress(bytes, into), Code::untrusted, "a compressed block");
    if (bytes.empty() || bytes.size() > into.size()) continue;
    Manifest m = test_manifest(6);
    Buffer bundle = *write_bundle(m, {{"a", bytes, {}}}, std::span(&test_key(), 1));  // its frame is stored raw, then called zstd
    const auto raw = Bundle::open(memory_input("x", bundle), test_trust())->manifest().file("a")->blocks[0];
    if (raw.codec != Codec::raw) continue;
    const Bytes declared = Bytes(plain).first(std::min(plain.size(), into.size()));
    Buffer claimed(into.size(), std::byte{'z'});
    bundle = resigned(bundle, [&](std::string& text) {
      const std::size_t from = text.find("[[\"raw\""), to = text.find("]]", from) + 2;
      text.replace(from, to - from, "[" + frame_text(bytes, claimed) + "]");
      replace(format("\"length\":{},\"sha256\":\"{}\"", bytes.size(), to_hex(sha256(bytes))), format("\"length\":{},\"sha256\":\"{}\"", claimed.size(), to_hex(sha256(claimed))))(text);
    });
    refused(bundle, Code::untrusted, "a compressed block");
  }
  for (std::size_t n = 0; n < frame.size(); ++n) EXPECT_FALSE(zstd_decompress(Bytes(frame).first(n), out));
}

// 64 MiB of zeros in a few kilobytes: whatever a bundle unfolds to, a reader holds one block.
TEST_F(Threats, threat_27_bomb_in_bounded_memory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
  GTEST_SKIP() << "needs a build without sanitizers: they keep freed memory";
#endif
  Buffer bomb;
  {
    const Buffer zeros(std::size_t{64} << 20);
    bomb = *write_bundle(test_manifest(6), {{"a", zeros, {}}}, std::span(&test_key(), 1));
  }
  EXPECT_LT(bomb.size(), std::size_t{1} << 18);
  const pid_t child = ::fork();
  if (child == 0) {
    struct rusage before{}, after{};
    ::getrusage(RUSAGE_SELF, &before);
    const bool read = read_bundle(bomb).has_value();
    ::getrusage(RUSAGE_SELF, &after);
    ::_exit(!read ? 2 : after.ru_maxrss - before.ru_maxrss > 16 * 1024 ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "1: it took more than 16 MiB; 2: it was refused";
}

// The parser's own cases are in unit/json; these reach a manifest behind a good signature.
TEST_F(Threats, threat_28_hostile_json) {
  const auto wrong = [&](const std::string& from, const std::string& to, std::string_view words) { refused(resigned(release(), replace(from, to)), Code::invalid, words); };
  wrong(counter_is(6), counter_is(6) + "," + counter_is(6), "key \"counter\" appears twice");
  wrong("\"gate\":{}", "\"gate\":{\"x\":" + std::string(10000, '[') + std::string(10000, ']') + "}", "nested deeper than 64 levels");
  for (const std::string number : {"6.0", "6e0", "-6", "-0", "9223372036854775808", "18446744073709551616", "\"6\"", "null", "[6]"})
    wrong(counter_is(6), "\"counter\":" + number, "'counter' must be an integer from 0 to 2^63 - 1");
  wrong(counter_is(6), "\"counter\":0", "the counter starts at 1");
  wrong(counter_is(6) + ",", "", "'counter' is missing");
  wrong("\"tool\":\"test\"", "\"tool\":\"\xff\xfe\"", "not UTF-8");
  wrong("{\"schema\"", "{}{\"schema\"", "wrong at byte 3");
  wrong("[\"raw\",0,1,", "[\"lzma\",0,1,", "there is no codec 'lzma'");
  wrong("[\"raw\",0,1,", "[\"raw\",1,1,", "block 0 starts at 1");
  wrong("\"golden\":[]", "\"golden\":[{\"inputs\":{\"x\":\"none\"},\"outputs\":{},\"absolute\":0,\"relative\":0}]", "does not name a file");
  wrong("\"golden\":[]", "\"golden\":{}", "'golden' must be a list");
}

TEST_F(Threats, threat_40_extra_or_repeated_entries) {
  const auto with = [&](const std::string& name, std::size_t at) { return with_inserted(release(), at, raw_header(name)); };
  const std::size_t end = release().size() - 2 * ustar_block, first = find(release(), "payload/");
  refused(with("payload/zzz", end), Code::untrusted, "not in the signed manifest");
  refused(with("payload/notes/one", end), Code::untrusted, "not in the signed manifest");
  refused(with("readme.txt", end), Code::untrusted, "not in the signed manifest");
  refused(with("payload/zzz", end + ustar_block), Code::untrusted, "not in the signed manifest");  // between the two blocks that end it
  refused(with("payload/model.plan", first), Code::untrusted, "as signed");
  refused(with("manifest.json", first), Code::untrusted, "as signed");
  refused(with("manifest.json.minisig.3", first), Code::untrusted, "as signed");
  refused(with("manifest.json.minisig.2", first), Code::untrusted, "");
  refused(with("manifest.json", 0), Code::untrusted, "manifest.json has 0 bytes");
  refused(with("aaa", 0), Code::untrusted, "its first entry is not manifest.json");
  for (const std::size_t more : {std::size_t{1}, ustar_block, 20 * ustar_block}) {
    Buffer trailing = release();
    trailing.resize(trailing.size() + more);
    refused(trailing, Code::untrusted, "after the end");
  }
  Buffer hidden = release();  // in the padding after a file's data
  hidden[data_of(hidden, "notes/one") + 1] = std::byte{1};
  refused(hidden, Code::untrusted, "hidden bytes");
  refused(resigned(release(), replace("\"name\":\"notes/one\"", "\"name\":\"notes/empty\"")), Code::untrusted, "twice, or out of order");
}

}  // namespace
}  // namespace hone
