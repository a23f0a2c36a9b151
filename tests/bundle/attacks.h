// SPDX-License-Identifier: Apache-2.0
// Ways to falsify a bundle: under the signature, and behind it.
#pragma once
#include "tests/bundle/helpers.h"

namespace hone {

inline std::size_t find(const Buffer& bytes, std::string_view text) {
  const std::size_t at = as_text(bytes).find(text);
  EXPECT_NE(at, std::string_view::npos) << text;
  return at;
}

// Where the data of an entry begins.
inline std::size_t data_of(const Buffer& bundle, const std::string& file) { return find(bundle, "payload/" + file) + ustar_block; }

// Replaces the manifest by another text and signs it again, to reach the checks behind the signature.
inline Buffer resigned(const Buffer& bundle, const std::function<void(std::string&)>& edit, std::string comment = "") {
  const auto opened = Bundle::open(memory_input("test", bundle), test_trust());
  EXPECT_TRUE(opened);
  std::string manifest(as_text(opened->release().manifest_bytes()));
  edit(manifest);
  if (comment.empty()) comment = opened->manifest().trusted_comment();
  const std::string signature = print_signature(test_key().sign(as_bytes(manifest), comment), signature_comment);
  Buffer out = print_front(as_bytes(manifest), std::span(&signature, 1));
  out.insert(out.end(), bundle.begin() + static_cast<std::ptrdiff_t>(find(bundle, "payload/")), bundle.end());
  return out;
}

inline std::function<void(std::string&)> replace(std::string from, std::string to) {
  return [=](std::string& text) {
    const std::size_t at = text.find(from);
    ASSERT_NE(at, text.npos) << from;
    text.replace(at, from.size(), to);
  };
}

// A header with any name and type and a right checksum, as another program could have written it.
inline std::array<std::byte, ustar_block> raw_header(std::string_view name, char type = '0', std::string_view size = "00000000000") {
  auto header = ustar_header({"x", 0});
  std::memset(header.data(), 0, 100);
  std::memcpy(header.data(), name.data(), std::min<std::size_t>(name.size(), 100));
  std::memcpy(header.data() + 124, size.data(), size.size());
  header[156] = static_cast<std::byte>(type);
  std::memset(header.data() + 148, ' ', 8);
  unsigned sum = 0;
  for (const std::byte b : header) sum += std::to_integer<unsigned>(b);
  const std::string text = format("{:06o}", sum);
  std::memcpy(header.data() + 148, text.data(), text.size());
  header[154] = std::byte{0};
  return header;
}

inline Buffer with_inserted(const Buffer& bundle, std::size_t at, Bytes bytes) {
  Buffer out = bundle;
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin(), bytes.end());
  return out;
}

}  // namespace hone
