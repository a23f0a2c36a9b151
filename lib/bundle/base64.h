// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648), padded as key and signature files have it, or unpadded as age does. Decoding is strict: one text for each value.
#pragma once
#include <sodium.h>

#include <optional>
#include <string>
#include <vector>

#include "lib/base/bytes.h"

namespace hone {

constexpr int padded = sodium_base64_VARIANT_ORIGINAL, unpadded = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;

inline std::string to_base64(std::span<const unsigned char> bytes, int variant = padded) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
  text.pop_back();  // the terminating zero
  return text;
}

// Nothing unless the text is the base64 of exactly `length` bytes.
inline std::optional<std::vector<unsigned char>> from_base64(std::string_view text, std::size_t length, int variant = padded) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 128) return std::nullopt;  // libsodium 1.0.18 takes each of these for a '/'
  std::vector<unsigned char> bytes(length + 1);  // not none at all: libsodium declares that it takes no null pointer
  std::size_t n = 0;
  const char* end = nullptr;
  const int rc = sodium_base642bin(bytes.data(), length, text.data(), text.size(), nullptr, &n, &end, variant);
  if (rc != 0 || n != length || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(length);
  return bytes;
}

}  // namespace hone
