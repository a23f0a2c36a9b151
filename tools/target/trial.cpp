// SPDX-License-Identifier: Apache-2.0
// hone-target trial: the candidate against its golden vectors and its gate; what fails is rolled back. The try is counted down on disk before the
// candidate is loaded, so one that crashes or hangs uses its tries up.
#include <unistd.h>

#include "lib/device/trial.h"
#include "tools/target/device.h"

namespace hone {
namespace {

Result<int> run(const Args& args) {
  TRY(const std::int64_t seconds, args.integer("timeout", 1, 86400));
  TRY(Store store, open_store(args, Store::Access::change));
  TRY(const Digest digest, store.begin_trial());
  ::alarm(static_cast<unsigned>(seconds));  // a candidate that hangs is killed, its try spent
  const Verdict v = examine(store, digest, {.threads = args.threads()});
  ::alarm(0);
  const int tries = store.state().tries;
  const auto release = store.release(digest);
  const std::string what = release ? format("{} {}", release->manifest().name, release->manifest().version) : "the candidate";
  const std::size_t vectors = release ? release->manifest().golden.size() : 0;
  if (v.reason == Reason::none) {
    CHECK_OK(store.pass_trial());
    if (args.flag("commit")) CHECK_OK(store.commit());
    args.console().say("{}: passed; {} golden vectors{}{}; {}", what, vectors, v.timing ? ", p95 " : "", v.timing ? human_us(v.timing->p95_us) : "",
                       args.flag("commit") ? "committed" : "next: hone-target commit");
    if (vectors == 0) args.console().warn("the release has no golden vectors: all that is known is that it loads");
  } else {
    CHECK_OK(store.fail_trial(v.reason));
    args.console().say("{}: rolled back: {}: {}", what, name(v.reason), v.what);
  }
  Json json{{"schema", "hone/trial/1"}, {"passed", v.reason == Reason::none}, {"reason", name(v.reason)}, {"detail", v.what}, {"golden", vectors}, {"tries_left", tries}};
  if (v.timing) json["p95_us"] = v.timing->p95_us;
  CHECK_OK(args.console().json(json));
  return v.reason == Reason::none ? 0 : 1;
}

constexpr Option options[] = {
    store_option, device_pub_option, device_keyring_option, device_threshold_option, {"--commit", "", "commit at once when it passes"}, {"--timeout", "S", "seconds after which a hanging candidate is killed", "120"}};

}  // namespace

extern const Command trial_command{.name = "trial",
                                   .usage = "--store DIR",
                                   .help = "load the staged release, run its golden vectors, hold it to its gate\nExit status 1 when it failed and was rolled back; it is not tried again.",
                                   .options = options,
                                   .run = run};

}  // namespace hone
