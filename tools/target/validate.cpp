// SPDX-License-Identifier: Apache-2.0
// hone-target validate: a release's golden vectors on this very CPU.
#include "tools/target/device.h"

namespace hone {

static Result<int> run(const Args& args) {
  std::optional<Store> store;
  TRY(const Loaded loaded, open_model(args, store));
  if (!loaded.release || loaded.release->manifest().golden.empty()) return usage_error("{}: has no golden vectors; 'hone pack --golden' adds them", loaded.what);
  TRY(Session session, Session::create(loaded.plan, {.threads = args.threads()}));
  TRY(const auto failures, run_golden(loaded, session));
  const std::size_t vectors = loaded.release->manifest().golden.size();
  Json list = Json::array();
  for (const GoldenFailure& f : failures) {
    args.console().say("{}", f.what);
    list.push_back(f.what);
  }
  args.console().say("{}: {} golden vectors, {}", loaded.what, vectors, failures.empty() ? "all as expected" : format("{} outputs differ", failures.size()));
  CHECK_OK(args.console().json({{"schema", "hone/validate/1"}, {"valid", failures.empty()}, {"golden", vectors}, {"failures", list}}));
  return failures.empty() ? 0 : 1;
}

static constexpr Option options[] = {model_option, store_option, device_pub_option, device_keyring_option, device_threshold_option, device_identity_option, device_grant_option};
extern const Command validate_command{.name = "validate",
                                      .usage = "B.hone --pub K.pub | --store DIR",
                                      .help = "run a release's golden vectors on this CPU\nIntegers must be equal to the bit, floats within the release's tolerance. Exit status 1 when an output differs.",
                                      .options = options,
                                      .run = run};

}  // namespace hone
