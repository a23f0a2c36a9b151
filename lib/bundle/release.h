// SPDX-License-Identifier: Apache-2.0
// A manifest whose signatures were checked. There is no other way to get one, so whoever holds a Release holds verified bytes.
#pragma once
#include "lib/bundle/keys.h"
#include "lib/bundle/manifest.h"

namespace hone {

constexpr std::size_t signature_limit = 4096, signatures_limit = 8;
constexpr std::string_view signature_comment = "signature of a Hone bundle";

// The entries of an archive before its payload: a document and its signatures.
std::vector<std::byte> print_front(Bytes document, std::span<const std::string> signatures, std::string_view name = "manifest.json");
// "manifest.json.minisig", then "manifest.json.minisig.2", ...
std::string signature_name(std::size_t i, std::string_view document = "manifest.json");

class Release {
 public:
  // Signatures first, over bytes in our own memory; only then the manifest is parsed, and its names compared with the trusted comment.
  static Result<Release> verify(std::vector<std::byte> manifest, std::vector<std::string> signatures, const Trust&);
  const Manifest& manifest() const { return manifest_; }
  Bytes manifest_bytes() const { return bytes_; }
  const Digest& digest() const { return digest_; }                        // SHA-256 of the manifest's bytes: the release's identity
  const std::vector<std::string>& signatures() const { return texts_; }   // as files
  const std::vector<KeyId>& signers() const { return signers_; }          // the trusted keys among them

 private:
  Release() = default;
  std::vector<std::byte> bytes_;
  std::vector<std::string> texts_;
  std::vector<KeyId> signers_;
  Manifest manifest_;
  Digest digest_{};
};

}  // namespace hone
