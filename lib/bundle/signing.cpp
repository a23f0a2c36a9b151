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
void put_u64(unsigned char* p, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) p[i] = static_cast<unsigned char>(value >> 8 * i);
}

std::string_view key_line(std::string_view text) {
  const std::size_t begin = text.find('\n');
  if (begin == text.npos) return {};
  text.remove_prefix(begin + 1);
  return text.substr(0, text.find('\n'));
}

// XORs what is to be hidden, or is hidden, with the scrypt stream.
Status scramble(std::vector<unsigned char>& file, std::string_view password) {
  const std::uint64_t opslimit = get_u64(&file[opslimit_at]), memlimit = get_u64(&file[memlimit_at]);
  constexpr std::uint64_t most_memory = UINT64_C(1) << 31, most_work = UINT64_C(1) << 28;
  if (opslimit > most_work || memlimit > most_memory) return invalid("the key file asks for more than 2 GiB of memory to open it");
  std::vector<unsigned char> stream(hidden_length);
  if (crypto_pwhash_scryptsalsa208sha256(stream.data(), stream.size(), password.data(), password.size(), &file[salt_at], opslimit,
                                         static_cast<std::size_t>(memlimit)) != 0)
    return io_error("not enough memory to open the key file");
  for (std::size_t i = 0; i < hidden_length; ++i) file[id_at + i] ^= stream[i];
  sodium_memzero(stream.data(), stream.size());
  return Ok{};
}

// BLAKE2b-256 of "Ed", key id and secret key.
std::array<unsigned char, 32> checksum_of(const std::vector<unsigned char>& file) {
  std::vector<unsigned char> covered(file.begin(), file.begin() + 2);
  covered.insert(covered.end(), file.begin() + id_at, file.begin() + checksum_at);
  std::array<unsigned char, 32> checksum;
  crypto_generichash(checksum.data(), checksum.size(), covered.data(), covered.size(), nullptr, 0);
  sodium_memzero(covered.data(), covered.size());
  return checksum;
}

Status decrypt(std::vector<unsigned char>& file, std::string_view password) {
  CHECK_OK(scramble(file, password));
  if (sodium_memcmp(checksum_of(file).data(), &file[checksum_at], file_length - checksum_at) != 0) return untrusted("wrong password for this key");
  return Ok{};
}

std::string print_file(std::vector<unsigned char>& file, const KeyId& id, std::string_view kind) {
  std::string text = format("untrusted comment: minisign {}secret key {}\n{}\n", kind, to_text(id), to_base64(file));
  sodium_memzero(file.data(), file.size());
  return text;
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
  auto file = from_base64(key_line(text), file_length);
  if (!file) return false;
  const bool scrypt = (*file)[kdf_at] == 'S' && (*file)[kdf_at + 1] == 'c';
  sodium_memzero(file->data(), file->size());
  return scrypt;
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

std::vector<unsigned char> SecretKey::plain_file() const {
  std::vector<unsigned char> file(file_length);
  file[0] = 'E', file[1] = 'd', file[4] = 'B', file[5] = '2';
  std::ranges::copy(id_, file.begin() + id_at);
  std::ranges::copy(secret_, file.begin() + secret_at);
  return file;
}

std::string SecretKey::print() const {
  auto file = plain_file();
  return print_file(file, id_, "");
}

Result<std::string> SecretKey::print(std::string_view password, std::uint64_t opslimit, std::uint64_t memlimit) const {
  auto file = plain_file();
  file[kdf_at] = 'S', file[kdf_at + 1] = 'c';
  randombytes_buf(&file[salt_at], opslimit_at - salt_at);
  put_u64(&file[opslimit_at], opslimit);
  put_u64(&file[memlimit_at], memlimit);
  std::ranges::copy(checksum_of(file), file.begin() + checksum_at);
  const Status hidden = scramble(file, password);
  if (!hidden) sodium_memzero(file.data(), file.size());
  CHECK_OK(hidden);
  return print_file(file, id_, "encrypted ");
}

PublicKey SecretKey::public_key() const {
  PublicKey key{.id = id_};
  std::copy_n(secret_.begin() + 32, 32, key.key.begin());
  return key;
}

Signer SecretKey::signer() const {
  return {public_key(), [key = *this](std::span<const unsigned char> bytes) -> Result<std::array<unsigned char, 64>> {
            std::array<unsigned char, 64> signature;
            crypto_sign_detached(signature.data(), nullptr, bytes.data(), bytes.size(), key.secret_.data());
            return signature;
          }};
}

Signature SecretKey::sign(Bytes message, std::string trusted_comment) const { return *hone::sign(signer(), message, std::move(trusted_comment)); }

// Minisign's prehashed signature is plain Ed25519 of a BLAKE2b-512, so whatever signs with Ed25519 can make one.
Result<Signature> sign(const Signer& signer, Bytes message, std::string trusted_comment) {
  Signature signature{.id = signer.public_key.id, .trusted_comment = std::move(trusted_comment)};
  std::array<unsigned char, 64> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(message.data()), message.size(), nullptr, 0);
  TRY(signature.signature, signer.ed25519(hash));
  std::vector<unsigned char> covered(signature.signature.begin(), signature.signature.end());
  covered.insert(covered.end(), signature.trusted_comment.begin(), signature.trusted_comment.end());
  TRY(signature.global, signer.ed25519(covered));
  CHECK_OK(verify_signature(signature, signer.public_key, message).in("signed, but not with the key it should be"));
  return signature;
}

Result<bool> add_signature(KeyringFile& file, const Signer& signer) {
  TRY(const Keyring keyring, parse_keyring(as_text(file.document)));
  TRY(const auto signatures, parse_signatures(file.signatures, keyring_comment));
  for (const Signature& s : signatures)
    if (s.id == signer.public_key.id && verify_signature(s, signer.public_key, file.document)) return false;
  if (signatures.size() == keyring_signatures_limit) return usage_error("a keyring has at most {} signatures", keyring_signatures_limit);
  TRY(const Signature made, sign(signer, file.document, keyring.trusted_comment()));
  file.signatures.push_back(print_signature(made, keyring_comment));
  return true;
}

}  // namespace hone
