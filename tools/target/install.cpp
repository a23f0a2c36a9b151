// SPDX-License-Identifier: Apache-2.0
// hone-target install: a bundle or a delta into the store, as the candidate of the next trial.
#include "tools/target/device.h"

namespace hone {

static Result<int> run(const Args& args) {
  TRY(const std::int64_t tries, args.integer("tries", 1, 100));
  TRY(Input input, open_input(args.text("bundle")));  // before the lock: a pipe's writer may be late
  TRY(Store store, open_store(args, Store::Access::change));
  TRY(auto grant, device_grant(args));
  InstallOptions how{.factory = args.flag("factory"), .new_interface = args.flag("new-interface"), .tries = static_cast<int>(tries), .grant = std::move(grant)};
  if (args.has("full")) {
    TRY(how.full, open_input(args.text("full")));
  }
  if (args.has("full-bytes")) {
    TRY(const std::int64_t most, args.integer("full-bytes", 0, INT64_MAX));
    how.full_bytes = static_cast<std::uint64_t>(most);
  }
  TRY(const Installed installed, store.install(std::move(input), this_device(), how));
  TRY(const Release release, store.release(installed.digest));
  const Manifest& m = release.manifest();
  const State& s = store.state();
  if (installed.already) args.console().say("{} {} is here already: {}", m.name, m.version, name(s.phase));
  else if (installed.repaired) args.console().say("{} {}: repaired; {} written", m.name, m.version, human_bytes(installed.written_bytes));
  else if (args.flag("factory")) args.console().say("{} {}, counter {}: active, and the factory model", m.name, m.version, m.counter);
  else args.console().say("{} {}, counter {}: staged from a {}; {} written; next: hone-target trial", m.name, m.version, m.counter, installed.delta ? "delta" : "bundle",
                          human_bytes(installed.written_bytes));
  if (installed.full_blocks > 0)
    args.console().warn("the base is damaged: {} blocks ({}) came from {}", installed.full_blocks, human_bytes(installed.full_block_bytes), args.text("full"));
  CHECK_OK(args.console().json({{"schema", "hone/install/1"}, {"name", m.name}, {"version", m.version}, {"counter", m.counter}, {"digest", to_hex(installed.digest)},
                                {"phase", name(s.phase)}, {"already", installed.already}, {"repaired", installed.repaired}, {"delta", installed.delta}, {"written_bytes", installed.written_bytes},
                                {"full_blocks", installed.full_blocks}, {"full_block_bytes", installed.full_block_bytes},
                                {"peak_rss_bytes", peak_rss_bytes()}}));
  return 0;
}

static constexpr Option options[] = {
    {"bundle", "B.hone", "a bundle, or a delta for a release that is here; - is standard input", "", true},
    store_option,
    device_pub_option,
    device_keyring_option,
    device_threshold_option,
    device_identity_option,
    device_grant_option,
    {"--factory", "", "into an empty store: active at once, and the model of last resort"},
    {"--new-interface", "", "also a release with other inputs or outputs than what serves now"},
    {"--full", "B.hone", "with a delta: the bundle of the same release, for blocks whose base is damaged here"},
    {"--full-bytes", "N", "read at most so many bytes of its blocks"},
    {"--tries", "N", "how often the candidate may be tried before it is rolled back", "3"},
};
extern const Command install_command{.name = "install",
                                     .usage = "B.hone --store DIR [--pub K.pub]",
                                     .help = "verify a bundle or delta and stage it\nThe active model keeps serving; a refused input (exit status 4) changes nothing.",
                                     .options = options,
                                     .run = run};

}  // namespace hone
