// SPDX-License-Identifier: Apache-2.0
// hone-target rollback: drops a candidate, or leaves the active release for the one before it.
#include "tools/target/device.h"

namespace hone {

static Result<int> run(const Args& args) {
  TRY(Store store, open_store(args, Store::Access::change));
  const bool candidate = store.state().pending();
  const std::uint64_t before = store.state().generation;
  CHECK_OK(store.rollback(args.flag("further")));
  const bool already = store.state().generation == before;
  const std::vector<Release> serving = store.serving();
  const std::string now = serving.empty() ? "nothing" : format("{} {}", serving[0].manifest().name, serving[0].manifest().version);
  args.console().say("{}; {} serves", already ? "rolled back already (--further leaves this one too)" : candidate ? "candidate dropped" : "rolled back", now);
  CHECK_OK(args.console().json({{"schema", "hone/rollback/1"}, {"already", already}, {"candidate", candidate}, {"serves", now}}));
  return 0;
}

static constexpr Option options[] = {store_option, device_pub_option, device_keyring_option, device_threshold_option, device_identity_option, {"--further", "", "also when the last step was a rollback that was asked for: leave the release that it went back to"}};
extern const Command rollback_command{.name = "rollback",
                                      .usage = "--store DIR",
                                      .help = "drop the candidate; without one, return to the release before, or to the factory model\nThe release that was left is not installed again.",
                                      .options = options,
                                      .run = run};

}  // namespace hone
