// SPDX-License-Identifier: Apache-2.0
// hone verify: what was checked, and by whose key. Reads the bundle to its last byte.
#include "lib/bundle/delta.h"
#include "tools/hone/bundles.h"

namespace hone {

static Result<int> run(const Args& args) {
  if (!args.has("pub")) return usage_error("whom do you trust? Name a public key with --pub K.pub");
  TRY(const Trust trust, trust_from(args));
  TRY(Input input, open_input(args.text("bundle")));
  TRY(const bool delta, args.text("bundle") == "-" ? Result<bool>(false) : Delta::recognize(input));
  if (delta) return usage_error("{}: is a delta; 'hone apply' makes the bundle of it, checking everything", args.text("bundle"));
  TRY(const Bundle bundle, Bundle::open(std::move(input), trust));
  CHECK_OK(bundle.read_all(discard_blocks()));
  const Manifest& m = bundle.manifest();
  Console& console = args.console();
  console.say("ok: {} {}, counter {}", m.name, m.version, m.counter);
  for (const KeyId& id : bundle.release().signers()) console.say("signed by {}", to_text(id));
  console.say("checked: {} of {} signatures needed; manifest; {} files, {} blocks, {} bytes, each against its SHA-256; nothing else in the archive",
              bundle.release().signers().size(), trust.threshold, m.files.size(), block_count(m), m.payload_length());
  Json json{{"schema", "hone/verify/1"}, {"verified", true}};
  json.update(describe(bundle.release()));
  CHECK_OK(console.json(json));
  return 0;
}

static constexpr Option options[] = {{"bundle", "B.hone", "the bundle; - is standard input", "", true}, pub_option, threshold_option};
extern const Command verify_command{.name = "verify",
                                    .usage = "B.hone --pub K.pub",
                                    .help = "check a bundle's signatures and every byte of it\nExit status 4 when it is not to be trusted.",
                                    .options = options,
                                    .run = run};

}  // namespace hone
