// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/release.h"

#include "lib/bundle/ustar.h"

namespace hone {

std::string signature_name(std::size_t i, std::string_view document) {
  return i == 0 ? format("{}.minisig", document) : format("{}.minisig.{}", document, i + 1);
}

std::vector<std::byte> print_front(Bytes document, std::span<const std::string> signatures, std::string_view name) {
  std::vector<std::byte> out;
  append_entry(out, std::string(name), document);
  for (std::size_t i = 0; i < signatures.size(); ++i) append_entry(out, signature_name(i, name), as_bytes(signatures[i]));
  return out;
}

Result<Release> Release::verify(std::vector<std::byte> manifest, std::vector<std::string> texts, const Trust& trust) {
  TRY(const auto signatures, parse_signatures(texts, signature_comment));
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
