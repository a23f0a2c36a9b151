// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/release.h"

#include "lib/bundle/ustar.h"

namespace hone {

std::string signature_name(std::size_t i) { return i == 0 ? "manifest.json.minisig" : format("manifest.json.minisig.{}", i + 1); }

std::vector<std::byte> print_front(Bytes manifest, std::span<const std::string> signatures) {
  std::vector<std::byte> out;
  append_entry(out, "manifest.json", manifest);
  for (std::size_t i = 0; i < signatures.size(); ++i) append_entry(out, signature_name(i), as_bytes(signatures[i]));
  return out;
}

Result<Release> Release::verify(std::vector<std::byte> manifest, std::vector<std::string> texts, const Trust& trust) {
  std::vector<Signature> signatures;
  for (const std::string& text : texts) {
    TRY(Signature signature, parse_signature(text));
    if (print_signature(signature, signature_comment) != text) return untrusted("a signature is not in the form a bundle has; it was altered");
    signatures.push_back(std::move(signature));
  }
  Release release;
  TRY(release.signers_, check_signatures(trust, signatures, manifest));
  TRY(release.manifest_, parse_manifest(as_text(manifest)));
  for (const Signature& signature : signatures)
    if (signature.trusted_comment != release.manifest_.trusted_comment())
      return untrusted("the signature is of another release: '{}', the manifest is '{}'", signature.trusted_comment, release.manifest_.trusted_comment());
  release.digest_ = sha256(manifest);
  release.bytes_ = std::move(manifest);
  release.texts_ = std::move(texts);
  return release;
}

}  // namespace hone
