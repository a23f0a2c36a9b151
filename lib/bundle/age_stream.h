// SPDX-License-Identifier: Apache-2.0
// The payload of an age v1 file: 64 KiB chunks, each encrypted and authenticated with its number and whether it is the last (docs/bundle.md, section 5).
// Written as a stream; read as an Input, so that whatever reads plain bytes reads encrypted ones too, in any order.
#pragma once
#include "lib/bundle/age.h"

namespace hone {

using AgeNonce = std::array<unsigned char, age_nonce_length>;
AgeNonce random_nonce();
// Bytes of nonce and chunks for so many plain bytes. REQUIRES: plain < 2^62.
std::uint64_t age_payload_length(std::uint64_t plain);

class AgeWriter {
 public:
  using Out = std::function<Status(Bytes)>;
  // Header and nonce go out at once. A file key serves one file, a nonce one payload: the same pair again is for making the same bytes again.
  static Result<AgeWriter> begin(const AgeHeader&, const AgeFileKey&, const AgeNonce&, Out);
  // A new file, with a key of its own.
  static Result<AgeWriter> begin(std::span<const AgeRecipient>, Out);
  Status write(Bytes plain);
  Status finish();  // the last chunk; call it once, after everything

 private:
  AgeWriter(SecretBytes key, SecretBytes chunk, Out out) : key_(std::move(key)), chunk_(std::move(chunk)), out_(std::move(out)) {}
  Status seal(bool last);
  SecretBytes key_, chunk_;
  std::size_t used_ = 0;  // of chunk_
  std::uint64_t count_ = 0;
  Out out_;
};

// Does it begin as an age file does?
Result<bool> is_age(const Input&);
// The plain bytes of an age file.
Result<Input> open_age(Input, const Unlock&);
// The same when header and key are known: `payload` is where the nonce lies. A pipe can be read in order only, as ever.
Result<Input> open_age_payload(Input, const AgeFileKey&, std::uint64_t payload);
// An encrypted input decrypted, any other as it is.
Result<Input> open_age_or_plain(Input, const Unlock&);
// The bytes of an encrypted file for `recipients`.
Result<std::vector<std::byte>> encrypt_age(Bytes plain, std::span<const AgeRecipient>);

}  // namespace hone
