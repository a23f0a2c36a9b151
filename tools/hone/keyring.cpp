// SPDX-License-Identifier: Apache-2.0
// hone keyring: whom devices shall trust, as a signed document; the next one replaces keys.
#include "tools/hone/keyrings.h"

namespace hone {
namespace {

Status set_role(const Args& args, std::string_view keys, const std::string& threshold, Trust& role) {
  if (args.has(keys)) {
    const std::vector<std::string> files = args.list(keys);
    TRY(role, read_trust(files));
  }
  if (role.keys.empty()) return usage_error("--{} K.pub: who is it? Or take the roles of an older keyring with --from", keys);
  if (!args.has(keys) && !args.has(threshold)) return Ok{};  // as in --from
  TRY(const std::int64_t k, args.integer(threshold, 1, threshold_limit));
  if (static_cast<std::size_t>(k) > role.keys.size()) return usage_error("--{} {}: there are {} keys", threshold, k, role.keys.size());
  role.threshold = static_cast<std::size_t>(k);
  return Ok{};
}

Result<Keyring> wanted(const Args& args, const std::optional<Keyring>& from) {
  Keyring k = from.value_or(Keyring{});
  k.counter = from ? from->counter + 1 : 1;
  if (args.has("counter")) {
    TRY(const std::int64_t counter, args.integer("counter", 1));
    k.counter = static_cast<std::uint64_t>(counter);
  }
  if (from && k.counter <= from->counter) return usage_error("--counter {}: keyring {} came before", k.counter, from->counter);
  TRY(k.created, source_date());
  if (args.has("created")) {
    TRY(k.created, parse_time("created", args.text("created")));
  }
  k.expires = 0;
  if (args.has("expires")) {
    TRY(k.expires, parse_time("expires", args.text("expires")));
  }
  CHECK_OK(set_role(args, "root", "root-threshold", k.root));
  CHECK_OK(set_role(args, "release", "release-threshold", k.release));
  if (args.has("restart")) {
    TRY(const std::int64_t counter, args.integer("restart", 0));
    k.restart = Restart{k.counter, static_cast<std::uint64_t>(counter)};
  }
  return k;
}

// What is still to be signed, and by whom.
void say_missing(Console& console, const std::string& role, const Trust& trust, const KeyringFile& file) {
  const auto signatures = parse_signatures(file.signatures, keyring_comment);
  const Verdict v = judge(trust, *signatures, file.document);
  console.say("{}: {} of {} signatures{}", role, v.counted.size(), trust.threshold, v.met ? "" : "; could still sign, with 'hone sign': " + v.missing);
}

Result<int> run(const Args& args) {
  TRY(const Path output, args.output());
  std::optional<Keyring> from;
  if (args.has("from")) {
    TRY(from, read_keyring(args.text("from")));
  }
  TRY(const Keyring made, wanted(args, from));
  if (const Status named = check_keyring_name(output, made); !named) return usage_error("-o {}: this is keyring {}", output.string(), made.counter);
  const std::string text = print_keyring(made);
  CHECK_OK(parse_keyring(text));  // what we write, we accept
  KeyringFile file{.document = {as_bytes(text).begin(), as_bytes(text).end()}, .signatures = {}};
  TRY(const auto signers, signers_from(args));
  for (const Signer& signer : signers) CHECK_OK(add_signature(file, signer));
  CHECK_OK(args.write(file.join()));
  Console& console = args.console();
  say_keyring(console, made);
  if (from) say_missing(console, format("root of keyring {}", from->counter), from->root, file);
  say_missing(console, "root of its own", made.root, file);
  Json json{{"schema", "hone/keyring/1"}};
  json.update(describe(made));
  CHECK_OK(console.json(json));
  return 0;
}

constexpr Option options[] = {
    {"--from", "OLD.keyring", "what is not given is taken from this one: roles, a restart, and the next counter"},
    {"--counter", "N", "its number; a device goes to higher ones only", "1, or one more than --from"},
    {"--root", "K.pub...", "a key of the root role, which signs keyrings; repeat for several"},
    {"--root-threshold", "K", "how many of them must sign", "1"},
    {"--release", "K.pub...", "a key of the release role, which signs releases; repeat for several"},
    {"--release-threshold", "K", "how many of them must sign", "1"},
    {"--created", "DATE", "when it was made, as in 2027-01-31 or 2027-01-31T12:00:00Z; else SOURCE_DATE_EPOCH, or not stated"},
    {"--expires", "DATE", "nothing is installed under it afterwards; else never"},
    {"--restart", "C", "devices go on from release counter C, after stolen keys ran it up"},
    signing_key_option,
};

}  // namespace

extern const Command keyring_command{.name = "keyring",
                                     .usage = "--root R.pub --release S.pub --key R.key -o 1.keyring",
                                     .help = "say whom devices trust, in a signed keyring\n"
                                             "To replace keys: hone keyring --from 1.keyring --release NEW.pub --key R.key -o 2.keyring. A device accepts it when the root keys of 1 and\n"
                                             "its own have signed; 'hone sign' adds signatures made elsewhere, 'hone verify 2.keyring --keyring 1.keyring' says what a device would.",
                                     .options = options,
                                     .run = run};

}  // namespace hone
