// SPDX-License-Identifier: Apache-2.0
// A small release with every kind of block, and the verbs of corruption.
#pragma once
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <random>

#include "lib/bundle/codec_encode.h"
#include "lib/bundle/delta_writer.h"
#include "lib/bundle/ustar.h"
#include "lib/bundle/writer.h"

namespace hone {

using Buffer = std::vector<std::byte>;

inline const SecretKey& test_key() {
  static const SecretKey key = SecretKey::generate();
  return key;
}
inline const SecretKey& other_key() {
  static const SecretKey key = SecretKey::generate();
  return key;
}
inline Trust trust_in(std::initializer_list<const SecretKey*> keys, std::size_t threshold = 1) {
  Trust trust{.keys = {}, .threshold = threshold};
  for (const SecretKey* k : keys) trust.keys.push_back(k->public_key());
  return trust;
}
inline Trust test_trust() { return trust_in({&test_key()}); }

inline Buffer to_buffer(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

// `count` float32 weights near `scale`, each moved by noise of `moved` when that is not zero.
inline Buffer weights(std::size_t count, float moved, unsigned seed = 1) {
  std::mt19937 base(seed), noise(seed + 100);
  std::normal_distribution<float> values(0, 0.05F), steps(0, 0.05F);
  Buffer bytes(count * sizeof(float));
  for (std::size_t i = 0; i < count; ++i) {
    float w = values(base);
    if (moved != 0) w += moved * steps(noise);
    std::memcpy(bytes.data() + i * sizeof(float), &w, sizeof(float));
  }
  return bytes;
}

struct Contents {
  Buffer model_plan = to_buffer("a plan, as if it were one; a plan, as if it were one; a plan, as if it were one"), model_weights = weights(600, 0), notes = to_buffer("n");
};

inline Manifest test_manifest(std::uint64_t counter) {
  Manifest m;
  m.name = "tiny";
  m.version = format("1.0.{}", counter);
  m.counter = counter;
  m.provenance = {{"tool", "test"}};
  return m;
}

inline std::vector<FileInput> inputs_of(const Contents& c) {
  return {{"model.plan", c.model_plan, {}}, {"model.weights", c.model_weights, {{0, c.model_weights.size(), 4}}}, {"notes/empty", {}, {}}, {"notes/one", c.notes, {}}};
}

inline Buffer make_bundle(const Contents& c, std::uint64_t counter, std::vector<const SecretKey*> keys = {&test_key()}) {
  std::vector<SecretKey> copies;
  for (const SecretKey* k : keys) copies.push_back(*k);
  auto bundle = write_bundle(test_manifest(counter), inputs_of(c), copies);
  EXPECT_TRUE(bundle) << bundle.error().message;
  return *bundle;
}

inline BlockSink ignore_blocks() {
  const auto nothing = [](const FileEntry&) -> Status { return Ok{}; };
  return {nothing, [](const FileEntry&, std::uint64_t, Bytes) -> Status { return Ok{}; }, nothing};
}

// Opens and reads everything, as install and verify do.
inline Status read_bundle(Bytes bytes, const Trust& trust = test_trust()) {
  TRY(const Bundle bundle, Bundle::open(memory_input("test", bytes), trust));
  return bundle.read_all(ignore_blocks());
}

inline void expect_refused(const Status& status, Code code, std::string_view words) {
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, code) << status.error().message;
  EXPECT_NE(status.error().message.find(words), std::string::npos) << status.error().message;
}

// The test's own directory, gone afterwards.
struct Folder {
  Path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "hone-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

// The exit status of a shell command.
inline int shell(const std::string& command) { return WEXITSTATUS(std::system(command.c_str())); }

}  // namespace hone
