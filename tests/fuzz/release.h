// SPDX-License-Identifier: Apache-2.0
// A small signed release for fuzz targets: the bytes behind the signature are reached because the fuzzer's edits are laid over a valid file.
#pragma once
#include "lib/bundle/delta_writer.h"
#include "lib/bundle/writer.h"

namespace hone {

// testdata/keys/TEST.key: fixed, so that a finding can be replayed.
constexpr std::string_view fuzz_key =
    "untrusted comment: TEST\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAApvs0+JEQnwN1xZsoC6iG63a8jIjguN3kLtX5lt"
    "EaDxBFtqoiuqTLhgwNlwxo9QeQvTrBRGQ0ru7bKS2zd2N2yhWtkFgsqhI7AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

struct FuzzRelease {
  SecretKey key = *SecretKey::parse(fuzz_key);
  Trust trust{.keys = {key.public_key()}};
  std::vector<std::byte> bundle;
};

inline FuzzRelease fuzz_release(std::uint64_t counter) {
  FuzzRelease r;
  std::vector<std::byte> weights(6000);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<std::byte>(i * i * (i % 400 == 0 ? counter : 1) >> 3);
  Manifest m;
  m.name = "fuzz";
  m.version = "1";
  m.counter = counter;
  r.bundle = *write_bundle(m, {{"a", weights, {{0, 6000, 4}}}, {"b", as_bytes("text text text text"), {}}}, std::span(&r.key, 1));
  return r;
}

inline BlockSink discard() {
  const auto nothing = [](const FileEntry&) -> Status { return Ok{}; };
  return {nothing, [](const FileEntry&, std::uint64_t, Bytes) -> Status { return Ok{}; }, nothing};
}

// The input is a list of edits: 2 bytes offset, 1 byte value; the last byte pair cuts the file. Returns the edited copy.
inline std::vector<std::byte> edited(std::vector<std::byte> bytes, const unsigned char* data, std::size_t size) {
  for (; size >= 3; data += 3, size -= 3) bytes[(data[0] + 256U * data[1]) % bytes.size()] = static_cast<std::byte>(data[2]);
  if (size == 2) bytes.resize((data[0] + 256U * data[1]) % bytes.size());
  return bytes;
}

}  // namespace hone
