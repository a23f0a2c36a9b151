// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/signing.h"

#include <sodium.h>

#include <algorithm>

#include "lib/bundle/base64.h"

namespace hone {
namespace {

// The parts of a decoded secret key file, by offset.
constexpr std::size_t kdf_at = 2, salt_at = 6, opslimit_at = 38, memlimit_at = 46, id_at = 54, secret_at = 62, checksum_at = 126, file_length = 158;
constexpr std::size_t hidden_length = file_length - id_at;  // what scrypt covers

std::uint64_t get_u64(const unsigned char* p) {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | p[i];
  return value;
}

std::string_view key_line(std::string_view text) {
  const std::size_t begin = text.find('\n');
  if (begin == text.npos) return {};
  text.remove_prefix(begin + 1);
  return text.substr(0, text.find('\n'));
}

// Removes the scrypt stream, then tests the checksum.
Status decrypt(std::vector<unsigned char>& file, std::string_view password) {
  const std::uint64_t opslimit = get_u64(&file[opslimit_at]), memlimit = get_u64(&file[memlimit_at]);
  constexpr std::uint64_t most_memory = UINT64_C(1) << 31, most_work = UINT64_C(1) << 28;
  if (opslimit > most_work || memlimit > most_memory) return invalid("the key file asks for more than 2 GiB of memory to open it");
  std::vector<unsigned char> stream(hidden_length);
  if (crypto_pwhash_scryptsalsa208sha256(stream.data(), stream.size(), password.data(), password.size(), &file[salt_at], opslimit,
                                         static_cast<std::size_t>(memlimit)) != 0)
    return io_error("not enough memory to open the key file");
  for (std::size_t i = 0; i < hidden_length; ++i) file[id_at + i] ^= stream[i];
  sodium_memzero(stream.data(), stream.size());
  std::vector<unsigned char> covered(file.begin(), file.begin() + 2);
  covered.insert(covered.end(), file.begin() + id_at, file.begin() + checksum_at);
  unsigned char checksum[32];
  crypto_generichash(checksum, sizeof checksum, covered.data(), covered.size(), nullptr, 0);
  sodium_memzero(covered.data(), covered.size());
  if (sodium_memcmp(checksum, &file[checksum_at], sizeof checksum) != 0) return untrusted("wrong password for this key");
  return Ok{};
}

}  // namespace

SecretKey::~SecretKey() { sodium_memzero(secret_.data(), secret_.size()); }

SecretKey SecretKey::generate() {
  [[maybe_unused]] const int ready = sodium_init();
  assert(ready >= 0);
  SecretKey key;
  unsigned char unused[32];  // the public half; secret_ carries it too
  crypto_sign_keypair(unused, key.secret_.data());
  randombytes_buf(key.id_.data(), key.id_.size());
  return key;
}

bool SecretKey::encrypted(std::string_view text) {
  const auto file = from_base64(key_line(text), file_length);
  return file && (*file)[kdf_at] == 'S' && (*file)[kdf_at + 1] == 'c';
}

Result<SecretKey> SecretKey::parse(std::string_view text, std::string_view password) {
  [[maybe_unused]] const int ready = sodium_init();
  auto file = from_base64(key_line(text), file_length);
  if (!file || (*file)[0] != 'E' || (*file)[1] != 'd' || (*file)[4] != 'B' || (*file)[5] != '2')
    return invalid("not a minisign secret key; make one with 'hone keygen' or 'minisign -G'");
  const bool plain = (*file)[kdf_at] == 0 && (*file)[kdf_at + 1] == 0;
  if (!plain && !encrypted(text)) return invalid("the key file is encrypted in a way that is not known here (expected scrypt)");
  if (!plain) CHECK_OK(decrypt(*file, password));
  SecretKey key;
  std::copy_n(file->begin() + id_at, key.id_.size(), key.id_.begin());
  std::copy_n(file->begin() + secret_at, key.secret_.size(), key.secret_.begin());
  sodium_memzero(file->data(), file->size());
  unsigned char public_half[32], again[64];
  crypto_sign_seed_keypair(public_half, again, key.secret_.data());
  const bool whole = sodium_memcmp(again, key.secret_.data(), sizeof again) == 0;
  sodium_memzero(again, sizeof again);
  if (!whole) return invalid("the secret key is damaged: its two halves do not belong together");
  return key;
}

std::string SecretKey::print() const {
  std::vector<unsigned char> file(file_length);
  file[0] = 'E', file[1] = 'd', file[4] = 'B', file[5] = '2';
  std::ranges::copy(id_, file.begin() + id_at);
  std::ranges::copy(secret_, file.begin() + secret_at);
  std::string text = format("untrusted comment: minisign secret key {}\n{}\n", to_text(id_), to_base64(file));
  sodium_memzero(file.data(), file.size());
  return text;
}

PublicKey SecretKey::public_key() const {
  PublicKey key{.id = id_};
  std::copy_n(secret_.begin() + 32, 32, key.key.begin());
  return key;
}

Signature SecretKey::sign(Bytes message, std::string trusted_comment) const {
  Signature signature{.id = id_, .trusted_comment = std::move(trusted_comment)};
  std::array<unsigned char, 64> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(message.data()), message.size(), nullptr, 0);
  crypto_sign_detached(signature.signature.data(), nullptr, hash.data(), hash.size(), secret_.data());
  std::vector<unsigned char> covered(signature.signature.begin(), signature.signature.end());
  covered.insert(covered.end(), signature.trusted_comment.begin(), signature.trusted_comment.end());
  crypto_sign_detached(signature.global.data(), nullptr, covered.data(), covered.size(), secret_.data());
  return signature;
}

}  // namespace hone
