// SPDX-License-Identifier: Apache-2.0
#include "lib/base/hash.h"

#include <cassert>

#ifdef HONE_DEVICE
#include <sodium.h>
#else
#include <openssl/evp.h>
#endif

namespace hone {

#ifdef HONE_DEVICE
struct Sha256::State {
  crypto_hash_sha256_state hash;
};
Sha256::Sha256() : state_(std::make_unique<State>()) { crypto_hash_sha256_init(&state_->hash); }
Sha256::~Sha256() = default;
void Sha256::update(Bytes bytes) {
  crypto_hash_sha256_update(&state_->hash, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}
Digest Sha256::finish() {
  Digest digest;
  crypto_hash_sha256_final(&state_->hash, reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}
#else
struct Sha256::State {
  EVP_MD_CTX* hash = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(hash); }
};
Sha256::Sha256() : state_(std::make_unique<State>()) {
  [[maybe_unused]] const int ok = EVP_DigestInit_ex(state_->hash, EVP_sha256(), nullptr);
  assert(ok == 1);
}
Sha256::~Sha256() = default;
void Sha256::update(Bytes bytes) { EVP_DigestUpdate(state_->hash, bytes.data(), bytes.size()); }
Digest Sha256::finish() {
  Digest digest;
  EVP_DigestFinal_ex(state_->hash, reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}
#endif

Digest sha256(Bytes bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

std::string to_hex(Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    text += digits[std::to_integer<unsigned>(b) >> 4];
    text += digits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

std::optional<std::vector<std::byte>> from_hex(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  if (text.size() % 2) return std::nullopt;
  std::vector<std::byte> bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<std::byte>(high * 16 + low);
  }
  return bytes;
}

}  // namespace hone
