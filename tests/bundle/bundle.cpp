// SPDX-License-Identifier: Apache-2.0
// Bundles: what is written is read. What must not be read is in threats.cpp.
#include "lib/bundle/keyring.h"
#include "tests/bundle/attacks.h"
#include "tests/fuzz/release.h"

namespace hone {

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

// A seed that the parser refuses at once teaches a fuzzer little.
TEST(bundle, seeds_of_the_fuzzers_have_the_form_of_today) {
  const char* source = std::getenv("HONE_SOURCE");
  if (!source) GTEST_SKIP() << "needs HONE_SOURCE, the source tree";
  const auto seed = [&](const char* name) { return *read_file(Path(source) / "testdata/fuzz" / name); };
  const Buffer whole = seed("bundle/whole");
  const auto bundle = Bundle::open(memory_input("whole", whole), {.keys = {SecretKey::parse(fuzz_key)->public_key()}});
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_TRUE(bundle->read_all(ignore_blocks()));
  for (const char* name : {"manifest/full", "signed_manifest/release"}) EXPECT_TRUE(parse_manifest(as_text(seed(name)))) << name;
  EXPECT_TRUE(parse_keyring(as_text(seed("keyring/document"))));
  EXPECT_TRUE(KeyringFile::split(seed("keyring/file")));
  EXPECT_TRUE(SecretKey::parse(as_text(seed("secret_key/plain"))));
  EXPECT_TRUE(parse_signature(as_text(seed("signature/signature"))));
  EXPECT_TRUE(AgeHeader::parse(std::string(as_text(seed("grant/header")))));
}

TEST(bundle, system_tar_lists_it) {
  if (shell("command -v tar > /dev/null") != 0) GTEST_SKIP() << "needs the program tar";
  const Folder folder;
  ASSERT_TRUE(write_file(folder.path / "b.hone", make_bundle({}, 1)));
  EXPECT_EQ(shell("cd " + folder.path.string() + " && tar xf b.hone && test -f manifest.json && test -f payload/notes/empty"), 0);
}

}  // namespace hone
