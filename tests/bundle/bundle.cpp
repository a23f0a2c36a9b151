// SPDX-License-Identifier: Apache-2.0
// Bundles: what is written is read, and nothing else is. Tests named threat_<n> are lines of the list of attacks.
#include "tests/bundle/helpers.h"

namespace hone {

// Replaces the manifest by another text and signs it again, to reach the checks behind the signature.
static Buffer resigned(const Buffer& bundle, const std::function<void(std::string&)>& edit, const std::string& comment = "") {
  const auto opened = Bundle::open(memory_input("test", bundle), test_trust());
  EXPECT_TRUE(opened);
  std::string manifest(as_text(opened->release().manifest_bytes()));
  const std::size_t front = 3 * ustar_block + manifest.size() + ustar_padding(manifest.size());
  std::size_t payload = front;
  payload += opened->release().signatures()[0].size() > ustar_block ? 2 * ustar_block - ustar_block : 0;
  std::string trusted = opened->manifest().trusted_comment();
  edit(manifest);
  if (!comment.empty()) trusted = comment;
  const std::string signature = print_signature(test_key().sign(as_bytes(manifest), trusted), signature_comment);
  Buffer out;
  const auto entry = [&](const std::string& name, Bytes data) {
    const auto header = ustar_header({name, data.size()});
    out.insert(out.end(), header.begin(), header.end());
    out.insert(out.end(), data.begin(), data.end());
    out.resize(out.size() + ustar_padding(data.size()));
  };
  entry("manifest.json", as_bytes(manifest));
  entry("manifest.json.minisig", as_bytes(signature));
  out.insert(out.end(), bundle.begin() + static_cast<std::ptrdiff_t>(payload), bundle.end());
  return out;
}

static std::function<void(std::string&)> replace(std::string from, std::string to) {
  return [=](std::string& text) {
    const std::size_t at = text.find(from);
    ASSERT_NE(at, text.npos) << from;
    text.replace(at, from.size(), to);
  };
}

static std::size_t find(const Buffer& bytes, std::string_view text) {
  const std::size_t at = as_text(bytes).find(text);
  EXPECT_NE(at, std::string_view::npos);
  return at;
}

TEST(bundle, round_trip) {
  const Contents c;
  const Buffer bytes = make_bundle(c, 3);
  EXPECT_EQ(bytes, make_bundle(c, 3)) << "the same inputs must give the same bytes";
  const auto bundle = Bundle::open(memory_input("test", bytes), test_trust());
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->manifest().name, "tiny");
  EXPECT_EQ(bundle->manifest().counter, 3U);
  EXPECT_EQ(*bundle->file("model.weights"), c.model_weights);
  EXPECT_EQ(*bundle->file("notes/empty"), Buffer());
  std::map<std::string, Buffer> read;
  const auto nothing = [](const FileEntry&) -> Status { return Ok{}; };
  const Status all = bundle->read_all({nothing,
                                       [&](const FileEntry& f, std::uint64_t offset, Bytes plain) -> Status {
                                         EXPECT_EQ(read[f.name].size(), offset);
                                         read[f.name].insert(read[f.name].end(), plain.begin(), plain.end());
                                         return Ok{};
                                       },
                                       nothing});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(read["model.plan"], c.model_plan);
  EXPECT_EQ(read["model.weights"], c.model_weights);
  EXPECT_EQ(read["notes/one"], c.notes);
  EXPECT_TRUE(read_bundle(resigned(bytes, [](std::string&) {})));
}

TEST(bundle, every_prefix_is_refused) {
  const Buffer bytes = make_bundle({}, 1);
  for (std::size_t n = 0; n < bytes.size(); ++n) expect_refused(read_bundle(Bytes(bytes).first(n)), Code::untrusted, "");
  ASSERT_TRUE(read_bundle(bytes));
}

TEST(bundle, threat_1_every_flipped_byte_is_refused) {
  Buffer bytes = make_bundle({}, 1);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int bit : {1, 0x80}) {
      bytes[i] ^= static_cast<std::byte>(bit);
      const auto read = read_bundle(bytes);
      ASSERT_FALSE(read) << i;
      ASSERT_EQ(read.error().code, Code::untrusted) << i << ": " << read.error().message;
      bytes[i] ^= static_cast<std::byte>(bit);
    }
}

TEST(bundle, threat_1_no_block_is_handed_out_before_its_hash) {
  Buffer bytes = make_bundle({}, 1);
  bytes[find(bytes, "payload/model.weights") + ustar_block + 40] ^= std::byte{1};
  const auto bundle = Bundle::open(memory_input("test", bytes), test_trust());
  ASSERT_TRUE(bundle);
  BlockSink sink = ignore_blocks();
  sink.block = [](const FileEntry& f, std::uint64_t, Bytes) -> Status {
    EXPECT_NE(f.name, "model.weights");
    return Ok{};
  };
  expect_refused(bundle->read_all(sink), Code::untrusted, "SHA-256");
}

TEST(bundle, threat_7_manifest_altered_payload_intact) {
  Buffer bytes = make_bundle({}, 1);
  bytes[find(bytes, "\"tool\":\"test\"") + 8] = std::byte{'b'};
  expect_refused(read_bundle(bytes), Code::untrusted, "altered");
}

TEST(bundle, threat_8_lengths_that_wrap) {
  const Buffer bytes = make_bundle({}, 1);
  const std::string length = format("\"length\":{}", Contents().model_weights.size());
  for (const std::string huge : {"4294967296", "9223372036854775807", "18446744073709551615", "99999999999999999999999", "-1", "1.0", "1e3"})
    expect_refused(read_bundle(resigned(bytes, replace(length, "\"length\":" + huge))), Code::invalid, "manifest.json");
  for (const std::string huge : {"4294967297", "18446744073709551615", "1048577"})
    expect_refused(read_bundle(resigned(bytes, replace("[\"raw\",0,1,", "[\"raw\",0," + huge + ","))), Code::invalid, "outside");
}

TEST(bundle, threat_9_signature_of_another_bundle_or_comment) {
  const Buffer bytes = make_bundle({}, 1);
  expect_refused(read_bundle(resigned(bytes, replace("\"counter\":1", "\"counter\":2"), "hone bundle name=tiny version=1.0.1 counter=1")), Code::untrusted, "another release");
  expect_refused(read_bundle(resigned(bytes, [](std::string&) {}, "hone keyring name=tiny version=1.0.1 counter=1")), Code::untrusted, "another release");
  Buffer altered = bytes;
  altered[find(altered, "trusted comment: hone") + 17] = std::byte{'H'};
  expect_refused(read_bundle(altered), Code::untrusted, "trusted comment");
}

TEST(bundle, threat_19_files_of_one_release_manifest_of_another) {
  Contents changed;
  changed.model_weights = weights(600, 0.01F);
  const Buffer a = make_bundle({}, 1), b = make_bundle(changed, 2);
  Buffer mixed(b.begin(), b.begin() + static_cast<std::ptrdiff_t>(find(b, "payload/")));
  mixed.insert(mixed.end(), a.begin() + static_cast<std::ptrdiff_t>(find(a, "payload/")), a.end());
  expect_refused(read_bundle(mixed), Code::untrusted, "signed");
}

TEST(bundle, threat_23_target_constraints) {
  Manifest m = test_manifest(1);
  m.architectures = {"aarch64"};
  m.minimum_hone = "0.2.0";
  EXPECT_TRUE(check_target(m, "aarch64", "0.2.0"));
  EXPECT_TRUE(check_target(m, "aarch64", "0.10.0"));
  expect_refused(check_target(m, "x86_64", "0.2.0"), Code::invalid, "is for aarch64, this is x86_64");
  expect_refused(check_target(m, "aarch64", "0.1.9"), Code::invalid, "needs Hone 0.2.0");
  const Buffer bytes = make_bundle({}, 1);
  expect_refused(read_bundle(resigned(bytes, replace("hone/manifest/1", "hone/manifest/2"))), Code::invalid, "newer Hone");
  expect_refused(read_bundle(resigned(bytes, replace("\"gate\"", "\"extra\":1,\"gate\""))), Code::invalid, "newer Hone");
}

TEST(bundle, threat_26_paths_and_links) {
  for (const std::string_view name : {"../x", "a/../b", "/etc/passwd", "a//b", "./a", "a/.", "", "a/", "a\\b", "a\nb"}) EXPECT_FALSE(safe_name(name)) << name;
  for (const std::string_view name : {"a", "a/b.c", "...", "golden/0/input_x:0.npy"}) EXPECT_TRUE(safe_name(name)) << name;
  EXPECT_FALSE(safe_name(std::string_view("a\0b", 3)));
  const Buffer bytes = make_bundle({}, 1);
  expect_refused(read_bundle(resigned(bytes, replace("model.plan", "../../plan"))), Code::untrusted, "plain and relative");
  expect_refused(read_bundle(resigned(bytes, replace("notes/empty", "model.weights/x"))), Code::untrusted, "directory of another");
  for (const char type : {'1', '2', '3', '4', '5', '6', 'x', 'L', 'S', '\0'}) {
    auto header = ustar_header({"payload/model.plan", 0});
    header[156] = static_cast<std::byte>(type);
    const auto parsed = parse_ustar_header(header);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, Code::untrusted);
  }
}

TEST(bundle, threat_27_frames_that_lie) {
  const Buffer plain = to_buffer(std::string(5000, 'z'));
  const Buffer frame = zstd_compress(plain, 3);
  Buffer out(5000), twice = frame, longer = frame;
  EXPECT_TRUE(zstd_decompress(frame, out));
  EXPECT_EQ(out, plain);
  twice.insert(twice.end(), frame.begin(), frame.end());
  longer.push_back(std::byte{0});
  Buffer small(4999), large(5001);
  EXPECT_FALSE(zstd_decompress(twice, out));
  EXPECT_FALSE(zstd_decompress(longer, out));
  EXPECT_FALSE(zstd_decompress(frame, small));
  EXPECT_FALSE(zstd_decompress(frame, large));
  EXPECT_FALSE(zstd_decompress({}, out));
  EXPECT_FALSE(zstd_decompress(plain, out));
  for (std::size_t n = 0; n < frame.size(); ++n) EXPECT_FALSE(zstd_decompress(Bytes(frame).first(n), out));
}

TEST(bundle, threat_28_hostile_json) {
  const Buffer bytes = make_bundle({}, 1);
  const auto refused = [&](const std::string& from, const std::string& to) { expect_refused(read_bundle(resigned(bytes, replace(from, to))), Code::invalid, "manifest.json"); };
  refused("\"counter\":1", "\"counter\":1,\"counter\":1");
  refused("\"gate\":{}", "\"gate\":{\"x\":" + std::string(10000, '[') + std::string(10000, ']') + "}");
  refused("\"counter\":1", "\"counter\":1.0");
  refused("\"counter\":1", "\"counter\":9223372036854775808");
  refused("\"counter\":1", "\"counter\":0");
  refused("\"counter\":1", "\"counter\":\"1\"");
  refused("\"counter\":1,", "");
  refused("\"tool\":\"test\"", "\"tool\":\"\xff\xfe\"");
  refused("[\"raw\",0,1,", "[\"lzma\",0,1,");
  refused("[\"raw\",0,1,", "[\"raw\",1,1,");
  refused("[\"raw\",0,1,", "[\"raw\",0,0,");
  refused("\"golden\":[]", "\"golden\":[{\"inputs\":{\"x\":\"none\"},\"outputs\":{},\"absolute\":0,\"relative\":0}]");
}

TEST(bundle, threat_40_extra_or_repeated_entries) {
  const Buffer bytes = make_bundle({}, 1);
  const auto with = [&](const std::string& name, std::size_t at) {
    Buffer out = bytes;
    const auto header = ustar_header({name, 0});
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), header.begin(), header.end());
    return out;
  };
  const std::size_t end = bytes.size() - 2 * ustar_block;
  expect_refused(read_bundle(with("payload/zzz", end)), Code::untrusted, "not in the signed manifest");
  expect_refused(read_bundle(with("payload/notes/one", end)), Code::untrusted, "not in the signed manifest");
  expect_refused(read_bundle(with("payload/model.plan", find(bytes, "payload/model.plan"))), Code::untrusted, "as signed");
  expect_refused(read_bundle(with("manifest.json", find(bytes, "payload/model.plan"))), Code::untrusted, "as signed");
  Buffer trailing = bytes;
  trailing.resize(trailing.size() + ustar_block);
  expect_refused(read_bundle(trailing), Code::untrusted, "after the end");
}

TEST(bundle, threat_29_replaced_between_check_and_use) {
  Buffer bytes = make_bundle({}, 1);
  const auto bundle = Bundle::open(memory_input("test", bytes), test_trust());
  ASSERT_TRUE(bundle && bundle->read_all(ignore_blocks()));
  bytes[find(bytes, "payload/model.weights") + ustar_block + 40] ^= std::byte{1};  // after the check
  EXPECT_FALSE(bundle->file("model.weights")) << "each read is checked anew";
}

TEST(bundle, blocks_respect_tensors) {
  const std::uint64_t mib = block_limit;
  const std::vector<Segment> segments{{0, 100, 4}, {128, 200, 4}, {384, 2 * mib + 5, 4}, {3 * mib, 64, 1}, {3 * mib + 64, 64, 2}};
  const auto cuts = cut_blocks(3 * mib + 200, segments);
  std::uint64_t at = 0;
  for (const BlockCut& c : cuts) {
    EXPECT_EQ(c.begin, at);
    EXPECT_LE(c.end - c.begin, mib);
    at = c.end;
  }
  EXPECT_EQ(at, 3 * mib + 200);
  ASSERT_EQ(cuts.size(), 6U);
  EXPECT_EQ(cuts[0].end, 384U) << "small tensors of one width share a block";
  EXPECT_EQ(cuts[1].begin, 384U) << "a large one begins its own";
  EXPECT_EQ(cuts[4].element_bytes, 1);
  EXPECT_EQ(cuts[5].element_bytes, 2);
  EXPECT_TRUE(cut_blocks(0, {}).empty());
  EXPECT_EQ(cut_blocks(mib + 1, {}).size(), 2U);
}

TEST(bundle, large_files_use_several_blocks) {
  Contents c;
  c.model_weights = weights(700'001, 0);
  const Buffer bytes = make_bundle(c, 1);
  const auto bundle = Bundle::open(memory_input("test", bytes), test_trust());
  ASSERT_TRUE(bundle);
  const FileEntry* f = bundle->manifest().file("model.weights");
  ASSERT_EQ(f->blocks.size(), 3U);
  EXPECT_EQ(f->blocks[0].codec, Codec::rans4);
  EXPECT_EQ(*bundle->file("model.weights"), c.model_weights);
  EXPECT_TRUE(read_bundle(bytes));
}

TEST(bundle, system_tar_lists_it) {
  if (shell("command -v tar > /dev/null") != 0) GTEST_SKIP() << "needs the program tar";
  const Folder folder;
  ASSERT_TRUE(write_file(folder.path / "b.hone", make_bundle({}, 1)));
  EXPECT_EQ(shell("cd " + folder.path.string() + " && tar xf b.hone && test -f manifest.json && test -f payload/notes/empty"), 0);
}

}  // namespace hone
