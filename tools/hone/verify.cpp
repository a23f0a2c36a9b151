// SPDX-License-Identifier: Apache-2.0
// hone verify: what was checked, and by whose key. Reads a bundle to its last byte; holds a keyring against the one before it.
#include "lib/bundle/delta.h"
#include "tools/hone/bundles.h"
#include "tools/hone/keyrings.h"

namespace hone {
namespace {

// Where trust begins.
void explain_beginning(const Args& args, const Keyring& k) {
  Console& console = args.console();
  if (k.counter == 0) console.say("trust begins with: {} named with --pub", k.root.keys.size() == 1 ? "a key" : "keys");
  else console.say("trust begins with: {}, keyring {}, signed by its own root role ({} of {}); that it is the right one is taken from you", args.text("keyring"), k.counter, k.root.threshold,
                   ids_of(k.root.keys));
}

std::string time_text(std::uint64_t expires) { return expires == 0 ? "never" : print_time(expires); }

Result<int> verify_bundle(const Args& args, const Keyring& keyring, Input file) {
  Console& console = args.console();
  TRY(const Unlock with, unlock_from(args));
  TRY(Input input, open_age_or_plain(std::move(file), with));
  TRY(const bool delta, Delta::recognize(input));
  if (delta) return usage_error("{}: is a delta; 'hone apply' makes the bundle of it, checking everything", args.text("file"));
  const Trust& role = keyring.release;
  const bool explaining = args.flag("explain-trust");
  // To explain, the signatures are looked at one by one; then the role decides as it does without an explanation.
  TRY(Bundle bundle, Bundle::open(std::move(input), explaining ? Trust{.keys = {}, .integrity_only = true} : role));
  const Release& release = bundle.release();
  const Manifest& m = bundle.manifest();
  Json trust;
  TRY(const auto signatures, parse_signatures(release.signatures(), signature_comment));
  if (explaining) {
    explain_beginning(args, keyring);
    console.say("signed document: manifest.json of {} {}, counter {}, SHA-256 {}", m.name, m.version, m.counter, to_hex(release.digest()));
    trust = explain(console, format("release role of {}", name_of(keyring)), role, judge(role, signatures, release.manifest_bytes()));
  }
  TRY(const auto signers, check_signatures(role, signatures, release.manifest_bytes()).in(args.text("file")));
  if (bundle.locked() && !with.identities.empty()) CHECK_OK(bundle.unseal(with));
  CHECK_OK(check_bundle(bundle));
  console.say("ok: {} {}, counter {}", m.name, m.version, m.counter);
  Json ids = Json::array();
  for (const KeyId& id : signers) {
    console.say("signed by {}", to_text(id));
    ids.push_back(to_text(id));
  }
  const std::string counted = format("checked: {} of {} signatures needed; manifest; ", signers.size(), role.threshold);
  if (bundle.locked())
    console.say("{}the encrypted payload, {} bytes against their SHA-256; nothing else in the archive; the {} files in it are checked with --identity FILE", counted,
                m.encryption->length, m.files.size());
  else
    console.say("{}{} files, {} blocks, {} bytes, each against its SHA-256; nothing else in the archive", counted, m.files.size(), block_count(m), m.payload_length());
  if (explaining)
    console.say("not checked: the time (the release expires: {}; the keyring expires: {}); the device (architecture, Hone {} or newer, memory); the counter against what a device has "
                "committed; golden vectors, which a device runs in its trial",
                time_text(m.expires), time_text(keyring.expires), m.minimum_hone);
  Json json{{"schema", "hone/verify/1"}, {"verified", true}, {"keyring", keyring.counter}, {"locked", bundle.locked()}};
  json.update(describe(release));
  json["signers"] = ids;
  if (explaining) json["trust"] = trust;
  CHECK_OK(console.json(json));
  return 0;
}

Result<int> verify_keyring(const Args& args, const std::optional<Keyring>& now, const Input& input) {
  const Path path = input.name;
  Console& console = args.console();
  TRY(const auto bytes, read_keyring_file(input));
  Json trust = Json::array();
  if (args.flag("explain-trust")) {
    TRY(const KeyringFile file, KeyringFile::split(bytes).in(path.string()));
    TRY(const auto signatures, parse_signatures(file.signatures, keyring_comment));
    TRY(const Keyring own, parse_keyring(as_text(file.document)));
    if (now) explain_beginning(args, *now);
    console.say("signed document: keyring.json, keyring {}, SHA-256 {}", own.counter, to_hex(sha256(file.document)));
    if (now) trust.push_back(explain(console, format("root role of {}", name_of(*now)), now->root, judge(now->root, signatures, file.document)));
    trust.push_back(explain(console, "root role of its own", own.root, judge(own.root, signatures, file.document)));
  }
  TRY(const Keyring keyring, (now ? next_keyring(*now, bytes) : open_keyring(bytes)).in(path.string()));
  CHECK_OK(check_keyring_name(path, keyring));
  if (now) console.say("ok: keyring {} may follow {}", keyring.counter, name_of(*now));
  else console.say("ok: keyring {} is signed by its own root role; name the one before it with --keyring to see whether a device would accept it", keyring.counter);
  if (args.flag("explain-trust")) console.say("not checked: the time (it expires: {})", time_text(keyring.expires));
  Json json{{"schema", "hone/verify/1"}, {"verified", true}};
  json.update(describe(keyring));
  if (!trust.empty()) json["trust"] = trust;
  CHECK_OK(console.json(json));
  return 0;
}

Result<int> run(const Args& args) {
  std::optional<Keyring> now;
  if (args.has("pub") || args.has("keyring")) {
    TRY(now, keyring_from(args));
  }
  TRY(Input input, open_input(args.text("file")));  // once: a pipe can be read only once
  TRY(const bool keyring, is_keyring(input));
  if (keyring) return verify_keyring(args, now, input);
  if (!now) return usage_error("whom do you trust? Name a public key with --pub K.pub, or a keyring with --keyring");
  return verify_bundle(args, *now, std::move(input));
}

constexpr Option options[] = {
    {"file", "FILE", "a bundle, or - for one on standard input; or a keyring", "", true},
    pub_option,
    keyring_option,
    threshold_option,
    identity_option,
    grant_option,
    {"--explain-trust", "", "tell where trust begins, what each signature is worth, what is missing, and what was not checked"},
};

}  // namespace

extern const Command verify_command{.name = "verify",
                                    .usage = "B.hone --pub K.pub",
                                    .help = "check a bundle's signatures and every byte of it, or the step to a new keyring\nExit status 4 when it is not to be trusted.",
                                    .options = options,
                                    .run = run};

}  // namespace hone
