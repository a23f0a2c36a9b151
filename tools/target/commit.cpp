// SPDX-License-Identifier: Apache-2.0
// hone-target commit: a candidate that passed its trial becomes the active release.
#include "tools/target/device.h"

namespace hone {

static Result<int> run(const Args& args) {
  TRY(Store store, open_store(args, Store::Access::change));
  const std::uint64_t before = store.state().generation;
  CHECK_OK(store.commit());
  const State& s = store.state();
  TRY(const Release active, store.release(*s.banks[static_cast<std::size_t>(s.active)]));
  args.console().say("{} {} is active; nothing below counter {} is accepted any more", active.manifest().name, active.manifest().version, s.highest + 1);
  CHECK_OK(args.console().json({{"schema", "hone/commit/1"}, {"already", s.generation == before}, {"version", active.manifest().version}, {"counter", active.manifest().counter}, {"highest", s.highest}, {"floor", s.floor}}));
  return 0;
}

static constexpr Option options[] = {store_option, device_pub_option, device_keyring_option, device_threshold_option, device_identity_option};
extern const Command commit_command{
    .name = "commit", .usage = "--store DIR", .help = "make the release that passed its trial the active one", .options = options, .run = run};

}  // namespace hone
