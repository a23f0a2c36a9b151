// SPDX-License-Identifier: Apache-2.0
// Attacks by other bytes than those that were signed: altered, mixed, exchanged while they are read, or for another device (threats 1, 19, 23, 29, 31).
#include <fstream>

#include "tests/bundle/threats.h"

namespace hone {
namespace {

TEST_F(Threats, a_good_release_is_taken) {
  EXPECT_TRUE(install(release()));
  EXPECT_TRUE(install(resigned(release(), [](std::string&) {}))) << "what the attacks below begin with";
}

TEST_F(Threats, threat_1_every_byte_flipped) {
  Buffer bytes = small_release();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto bit = static_cast<std::byte>(1 << i % 8);
    bytes[i] ^= bit;
    const auto read = read_bundle(bytes);
    ASSERT_FALSE(read) << i;
    ASSERT_EQ(read.error().code, Code::untrusted) << i << ": " << read.error().message;
    bytes[i] ^= bit;
  }
  const auto before = contents();
  for (std::size_t i = 0; i < bytes.size(); i += 61) {
    bytes[i] ^= std::byte{4};
    ASSERT_FALSE(install(bytes)) << i;
    bytes[i] ^= std::byte{4};
  }
  expect_unmoved(before);
}

TEST_F(Threats, threat_1_every_truncation) {
  for (std::size_t n = 0; n < small_release().size(); ++n) {
    const auto read = read_bundle(Bytes(small_release()).first(n));
    ASSERT_FALSE(read) << n;
    ASSERT_EQ(read.error().code, Code::untrusted) << n << ": " << read.error().message;
  }
  const auto before = contents();
  for (std::size_t n = 0; n < release().size(); n += 509) ASSERT_FALSE(install(Bytes(release()).first(n))) << n;
  expect_unmoved(before);
}

TEST_F(Threats, threat_1_no_block_is_handed_out_before_its_hash) {
  Buffer bytes = release();
  bytes[data_of(bytes, "model.weights") + 40] ^= std::byte{1};
  const auto bundle = Bundle::open(memory_input("test", bytes), test_trust());
  ASSERT_TRUE(bundle);
  BlockSink sink = ignore_blocks();
  sink.block = [](const FileEntry& f, std::uint64_t, Bytes) -> Status {
    EXPECT_NE(f.name, "model.weights");
    return Ok{};
  };
  expect_refused(bundle->read_all(sink), Code::untrusted, "SHA-256");
  EXPECT_FALSE(bundle->file("model.weights"));
  refused(bytes, Code::untrusted, "SHA-256");
}

// A block whose hashes are those of other bytes than decoding gives: signed, so only the second hash can tell.
TEST_F(Threats, threat_1_signed_block_that_decodes_to_other_bytes) {
  const std::string plain = to_hex(sha256(Contents().model_weights));
  const Buffer bytes = resigned(release(), [&](std::string& text) {
    for (std::size_t at = text.find(plain); at != text.npos; at = text.find(plain, at)) text.replace(at, plain.size(), std::string(64, 'a'));
  });
  refused(bytes, Code::untrusted, "SHA-256");
}

TEST_F(Threats, threat_19_files_of_one_release_manifest_of_another) {
  Contents changed;
  changed.model_weights = weights(600, 0.01F);
  const Buffer& a = release();
  const Buffer b = make_bundle(changed, 7);
  const auto front = [](const Buffer& bytes) { return Bytes(bytes).first(find(bytes, "payload/")); };
  const auto files = [](const Buffer& bytes) { return Bytes(bytes).subspan(find(bytes, "payload/")); };
  for (const auto& [manifest, payload] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    Buffer mixed(front(*manifest).begin(), front(*manifest).end());
    mixed.insert(mixed.end(), files(*payload).begin(), files(*payload).end());
    refused(mixed, Code::untrusted, "model.weights");
  }
  // One file of the other release, all else in its place: of the same length, so that nothing but its hash can tell.
  Contents twin;
  twin.notes = to_buffer("m");
  const Buffer c = make_bundle(twin, 6);
  Buffer one = a;
  one[data_of(one, "notes/one")] = c[data_of(c, "notes/one")];
  refused(one, Code::untrusted, "notes/one");
  // Two files of one release under each other's name.
  Contents same;
  same.model_plan = to_buffer("0123456789"), same.notes = to_buffer("9876543210");
  Buffer swapped = make_bundle(same, 6);
  const auto plan = swapped.begin() + static_cast<std::ptrdiff_t>(data_of(swapped, "model.plan")), notes = swapped.begin() + static_cast<std::ptrdiff_t>(data_of(swapped, "notes/one"));
  std::swap_ranges(plan, plan + 10, notes);
  refused(swapped, Code::untrusted, "model.plan");
}

// A release holds one model to run, but any files: the stages of a cascade that are shipped as files of one release cannot come from two.
TEST_F(Threats, threat_19_stages_of_a_cascade_from_two_releases) {
  const auto cascade = [](std::uint64_t counter, float moved) {
    const Contents c;
    const Buffer first = weights(500, moved, 1), second = weights(500, moved, 2);
    std::vector<FileInput> files = inputs_of(c);
    files.push_back({"stage1/model.weights", first, {}});
    files.push_back({"stage2/model.weights", second, {}});
    return *write_bundle(test_manifest(counter), files, std::span(&test_key(), 1));
  };
  const Buffer a = cascade(6, 0), b = cascade(7, 0.01F), c = cascade(6, 0.01F);
  ASSERT_TRUE(read_bundle(a) && read_bundle(b));
  const auto stage = [](const Buffer& bytes) { return find(bytes, "payload/stage2"); };
  const auto mixed = [&](const Buffer& front, const Buffer& back) {
    Buffer out(front.begin(), front.begin() + static_cast<std::ptrdiff_t>(stage(front)));
    out.insert(out.end(), back.begin() + static_cast<std::ptrdiff_t>(stage(back)), back.end());
    return out;
  };
  for (const Buffer& attack : {mixed(a, b), mixed(b, a), mixed(a, c), mixed(c, a)}) refused(attack, Code::untrusted, "stage2/model.weights");
}

TEST_F(Threats, threat_23_another_architecture_or_a_newer_hone) {
  Manifest m = test_manifest(6);
  m.architectures = {"aarch64"};
  m.minimum_hone = "0.2.0";
  EXPECT_TRUE(check_target(m, "aarch64", "0.2.0"));
  EXPECT_TRUE(check_target(m, "aarch64", "0.10.0"));
  const Buffer bytes = *write_bundle(m, inputs_of({}), std::span(&test_key(), 1));
  refused_by_store(bytes, Code::invalid, "is for aarch64, this is x86_64", {"x86_64", "0.2.0"});
  refused_by_store(bytes, Code::invalid, "needs Hone 0.2.0 or newer, this is 0.1.9", {"aarch64", "0.1.9"});
  refused(resigned(release(), replace("hone/manifest/1", "hone/manifest/2")), Code::invalid, "newer Hone");
  refused(resigned(release(), replace("\"gate\"", "\"extra\":1,\"gate\"")), Code::invalid, "newer Hone");
}

// Another process changes the file under the reader, at any moment: what is installed is one of the two signed releases, whole, or nothing.
TEST_F(Threats, threat_29_replaced_between_check_and_use) {
  Contents changed;
  changed.model_weights = weights(600, 0.01F);
  changed.notes = to_buffer("m");
  const Buffer& a = release();
  const Buffer b = make_bundle(changed, 7);
  Buffer evil = a;  // signed by nobody
  for (std::size_t i = data_of(evil, "model.weights"); i < data_of(evil, "model.weights") + 100; ++i) evil[i] = std::byte{0x66};
  int refusals = 0, installs = 0;
  for (const Buffer* later : {&b, static_cast<const Buffer*>(&evil)}) {
    std::size_t reads = 1;
    for (std::size_t n = 0; n <= reads; ++n) {
      const Folder folder;
      auto store = open_store(folder.path / "store");
      std::size_t count = 0;
      const Input before = memory_input("a", a), after = memory_input("b", *later);
      const auto installed = store->install({"switching", [&](std::uint64_t at, std::span<std::byte> out) { return (count++ < n ? before : after).read(at, out); }}, this_device());
      reads = std::max(reads, count);
      ++(installed ? installs : refusals);
      if (!installed) continue;
      const auto release_there = store->release(installed->digest);
      ASSERT_TRUE(release_there) << n;
      EXPECT_TRUE(installed->digest == digest_of(a) || installed->digest == digest_of(b));
      for (const FileEntry& f : release_there->manifest().files) EXPECT_TRUE(store->read(*release_there, f.name)) << n << ' ' << f.name;
    }
  }
  EXPECT_GT(refusals, 10);
  EXPECT_GE(installs, 3);
}

TEST_F(Threats, threat_29_each_read_of_an_open_bundle_is_checked_anew) {
  const Folder folder;
  const Path path = folder.path / "b.hone";
  ASSERT_TRUE(write_file(path, release()));
  const auto bundle = Bundle::open(*open_input(path), test_trust());
  ASSERT_TRUE(bundle && bundle->read_all(ignore_blocks()));
  {  // in place: the reader holds this very file
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(data_of(release(), "model.weights") + 40));
    file.put('x');
  }
  EXPECT_FALSE(bundle->file("model.weights"));
  EXPECT_FALSE(bundle->read_all(ignore_blocks()));
  EXPECT_TRUE(bundle->file("model.plan")) << "what was not touched is still right";
  // By rename: the reader goes on with the file that it opened.
  ASSERT_TRUE(write_file(path, release(), true));
  const auto again = Bundle::open(*open_input(path), test_trust());
  ASSERT_TRUE(write_file(folder.path / "evil", to_buffer("evil")));
  std::filesystem::rename(folder.path / "evil", path);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->read_all(ignore_blocks()));
}

// The true front and checksum, with the records of other weights: only the hashes of what comes out can tell.
TEST_F(Threats, threat_31_delta_of_valid_form_with_another_result) {
  const Buffer base_bytes = make_bundle({}, serving);
  const Bundle base = *Bundle::open(memory_input("base", base_bytes), test_trust());
  const auto delta_to = [&](float moved) {
    Contents c;
    c.model_weights = weights(600, moved);
    const Buffer target = make_bundle(c, 6);
    return *make_delta(base, *Bundle::open(memory_input("target", target), test_trust()));
  };
  const auto records = [](const Buffer& delta) {
    std::uint32_t front = 0;
    std::memcpy(&front, delta.data() + 44, sizeof front);
    return static_cast<std::ptrdiff_t>(48 + front);
  };
  const Buffer good = delta_to(0.001F), other = delta_to(0.002F);
  Buffer forged(good.begin(), good.begin() + records(good));
  forged.insert(forged.end(), other.begin() + records(other), other.end() - 32);
  const Digest checksum = sha256(forged);
  forged.insert(forged.end(), checksum.begin(), checksum.end());
  refused_by_store(forged, Code::untrusted, "SHA-256");
  EXPECT_TRUE(install(good));
}

}  // namespace
}  // namespace hone
