// SPDX-License-Identifier: Apache-2.0
// hone sign: one more signature on a bundle or keyring, so that its signers can sit in different places.
#include "tools/hone/bundles.h"
#include "tools/hone/keyrings.h"

namespace hone {
namespace {

struct Signed {
  std::vector<std::byte> bytes;
  std::vector<std::string> by;  // who signed now; not those who had signed before
};

Result<Signed> sign_keyring(const Args& args, Bytes bytes, std::span<const Signer> signers) {
  TRY(KeyringFile file, KeyringFile::split(bytes));
  TRY(const Keyring keyring, parse_keyring(as_text(file.document)));
  say_keyring(args.console(), keyring);
  Signed out;
  for (const Signer& signer : signers) {
    TRY(const bool fresh, add_signature(file, signer));
    if (fresh) out.by.push_back(to_text(signer.public_key.id));
  }
  out.bytes = file.join();
  return out;
}

// Every byte is checked against the manifest first: what is signed is what is there. Of an encrypted bundle that is its payload as it lies: who signs
// need not be among those who can read it.
Result<Signed> sign_bundle(const Args& args, Bytes bytes, std::span<const Signer> signers) {
  TRY(const Bundle bundle, Bundle::open(memory_input(args.text("file"), bytes), Trust{.keys = {}, .integrity_only = true}));
  CHECK_OK(check_bundle(bundle));
  const Release& release = bundle.release();
  const Manifest& m = release.manifest();
  args.console().say("{} {}, counter {}, digest {}", m.name, m.version, m.counter, to_hex(release.digest()));
  std::vector<std::string> texts = release.signatures();
  Signed out;
  for (const Signer& signer : signers) {
    TRY(const auto made, parse_signatures(texts, signature_comment));
    const bool before = std::ranges::any_of(made, [&](const Signature& s) { return verify_signature(s, signer.public_key, release.manifest_bytes()).has_value(); });
    if (before) continue;
    if (texts.size() == signatures_limit) return usage_error("a bundle has at most {} signatures", signatures_limit);
    TRY(const Signature signature, sign(signer, release.manifest_bytes(), m.trusted_comment()));
    texts.push_back(print_signature(signature, signature_comment));
    out.by.push_back(to_text(signer.public_key.id));
  }
  const std::size_t payload = print_front(release.manifest_bytes(), release.signatures()).size();
  out.bytes = print_front(release.manifest_bytes(), texts);
  out.bytes.insert(out.bytes.end(), bytes.begin() + static_cast<std::ptrdiff_t>(payload), bytes.end());
  return out;
}

Result<int> run(const Args& args) {
  const Path path = args.text("file"), output = args.has("output") ? Path(args.text("output")) : path;
  const bool in_place = !args.has("output");
  if (!in_place) CHECK_OK(may_write(output, args.force()));
  TRY(const auto bytes, read_file(path));
  TRY(const auto signers, signers_from(args));
  TRY(const Signed made, is_keyring(bytes) ? sign_keyring(args, bytes, signers) : sign_bundle(args, bytes, signers).in("not to be signed"));
  if (!in_place || !made.by.empty()) CHECK_OK(write_file(output, made.bytes, in_place || args.force()));
  if (made.by.empty()) args.console().say("signed by these keys already");
  for (const std::string& id : made.by) args.console().say("signed by {} now", id);
  CHECK_OK(args.console().json({{"schema", "hone/sign/1"}, {"file", output.string()}, {"signed_by", made.by}}));
  return 0;
}

constexpr Option options[] = {
    {"file", "FILE", "a bundle or a keyring", "", true},
    {signing_key_option.names, signing_key_option.value, signing_key_option.help, "", true},
};

}  // namespace

extern const Command sign_command{.name = "sign",
                                  .usage = "B.hone --key K.key [-o OUT]",
                                  .help = "add a signature to a bundle or keyring\nThe file is replaced, unless -o names another. What it holds is checked and shown first.",
                                  .options = options,
                                  .run = run};

}  // namespace hone
