// SPDX-License-Identifier: Apache-2.0
// hone apply: the new bundle from the old one and a delta, byte for byte. A device installs the delta itself and needs no such step.
#include "lib/bundle/delta_writer.h"
#include "tools/hone/bundles.h"

namespace hone {

static Result<int> run(const Args& args) {
  CHECK_OK(args.output());
  TRY(const Trust trust, trust_from(args));
  TRY(Input base_input, open_input(args.text("base")));
  TRY(Input file, open_input(args.text("delta")));
  TRY(const Unlock with, identities_from(args));
  TRY(Input delta, open_age_or_plain(std::move(file), with));
  TRY(const Bundle base, Bundle::open(std::move(base_input), trust, with));
  std::optional<Bundle> full;
  if (args.has("full")) {
    TRY(Input input, open_input(args.text("full")));
    TRY(full, Bundle::open(std::move(input), trust, with));
  }
  DeltaFallback fallback{.full = full ? &*full : nullptr};
  TRY(const auto bundle, apply_delta(base, std::move(delta), trust, full ? &fallback : nullptr, with));
  TRY(const Bundle made, Bundle::open(memory_input("result", bundle), trust, with));
  CHECK_OK(made.read_all(discard_blocks()));
  CHECK_OK(args.write(bundle));
  const Manifest& m = made.manifest();
  args.console().say("{} {} -> {}, counter {}: {}", m.name, base.manifest().version, m.version, m.counter, human_bytes(bundle.size()));
  if (fallback.blocks > 0) args.console().say("the base is damaged: {} blocks ({}) came from the full bundle", fallback.blocks, human_bytes(fallback.used));
  Json json{{"schema", "hone/apply/1"}, {"bytes", bundle.size()}, {"full_blocks", fallback.blocks}, {"full_block_bytes", fallback.used}};
  json.update(describe(made.release()));
  CHECK_OK(args.console().json(json));
  return 0;
}

static constexpr Option options[] = {{"delta", "D.hone", "the delta; - is standard input", "", true}, {"--base", "OLD.hone", "the bundle it was made for", "", true},
                                     {"--full", "NEW.hone", "the new bundle, for blocks whose base is damaged"},
                                     pub_option, keyring_option, threshold_option, identity_option};
extern const Command apply_command{.name = "apply", .usage = "D.hone --base OLD.hone -o NEW.hone", .help = "make the new bundle from the old one and a delta",
                                   .options = options, .run = run};

}  // namespace hone
