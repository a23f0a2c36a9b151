// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/release.h"

namespace hone {

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
