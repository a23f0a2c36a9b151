// SPDX-License-Identifier: Apache-2.0
// What the attacks on bundles, by their number in the list of threats, have in common. What is refused is refused twice: by a reader, and by a store,
// which afterwards holds what it held before, byte for byte.
#pragma once
#include "tests/bundle/attacks.h"
#include "tests/store/helpers.h"

namespace hone {

// A device that serves release 5 of "tiny".
class Threats : public testing::Test {
 protected:
  static constexpr std::uint64_t serving = 5;
  void SetUp() override {
    auto store = open_store(path());
    ASSERT_TRUE(store) << store.error().message;
    const Buffer bytes = make_bundle({}, serving);
    ASSERT_TRUE(::hone::install(*store, bytes, {.factory = true}));
  }
  Path path() const { return folder_.path / "store"; }

  // Every file of the store, with its bytes.
  std::map<std::string, Buffer> contents() const { return contents(path()); }
  static std::map<std::string, Buffer> contents(const Path& path) {
    std::map<std::string, Buffer> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
      if (entry.is_regular_file()) all[entry.path().string()] = *read_file(entry.path());
    return all;
  }

  Status install(Bytes bundle, const Device& device = this_device()) {
    TRY(Store store, open_store(path()));
    CHECK_OK(store.install(memory_input("attack", bundle), device));
    return Ok{};
  }

  void expect_unmoved(const std::map<std::string, Buffer>& before) {
    EXPECT_EQ(contents(), before) << "the store has changed";
    EXPECT_EQ(serving_counter(path()), serving);
  }
  // By the store alone: what is wrong with it concerns only a device.
  void refused_by_store(Bytes bundle, Code code, std::string_view words, const Device& device = this_device()) {
    const auto before = contents();
    expect_refused(install(bundle, device), code, words);
    expect_unmoved(before);
  }
  void refused(Bytes bundle, Code code, std::string_view words) {
    expect_refused(read_bundle(bundle), code, words);
    refused_by_store(bundle, code, words);
  }

 private:
  Folder folder_;
};

inline const Buffer& release() {
  static const Buffer bytes = make_bundle({}, 6);
  return bytes;
}
// Every kind of entry in few bytes, where each byte is tried.
inline const Buffer& small_release() {
  static const Buffer bytes = make_bundle({.model_plan = to_buffer("plan"), .model_weights = weights(4, 0), .notes = to_buffer("n")}, 6);
  return bytes;
}
inline std::string counter_is(std::uint64_t n) { return format("\"counter\":{}", n); }

}  // namespace hone
