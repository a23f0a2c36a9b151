// SPDX-License-Identifier: Apache-2.0
// hone-target trial: the candidate against its golden vectors and its gate; what fails is rolled back. The try is counted down on disk before the
// candidate is loaded, so one that crashes or hangs uses its tries up.
#include <signal.h>
#include <unistd.h>

#include "lib/device/trial.h"
#include "tools/target/device.h"

namespace hone {
namespace {

// Whatever could make the trial end for a reason that is not the candidate's comes before a try is used up.
Result<TrialOptions> prepare(const Args& args, const Store& store) {
  TrialOptions options{.threads = args.threads(), .thermal = args.text("thermal")};
  if (!store.state().pending()) return options;  // begin_trial() says so
  const auto candidate = store.release(*store.state().candidate());
  if (!candidate) return options;  // which is a reason to roll back
  std::vector<std::string> names;
  for (const Port& port : candidate->manifest().interface.inputs) names.push_back(port.name);
  for (const std::string& text : args.list("data")) {
    TRY(const auto named, named_file(text, names, "input"));
    TRY(Tensor tensor, read_npy(named.second));
    CHECK_OK(add_input(named.first, std::move(tensor), text, options.data));
  }
  CHECK_OK(check_data(candidate->manifest(), options.data));
  if (const auto celsius = too_hot_to_try(candidate->manifest(), options.thermal))
    return Error{Code::no, format("the device is at {:.1f} degrees already, more than the candidate's gate allows; no try was used, try again when it has cooled", *celsius)};
  return options;
}

// After so many seconds the process is killed, its try spent; also when whoever started it had ignored or blocked that signal.
void kill_after(unsigned seconds) {
  ::signal(SIGALRM, SIG_DFL);
  sigset_t alone;
  ::sigemptyset(&alone);
  ::sigaddset(&alone, SIGALRM);
  ::sigprocmask(SIG_UNBLOCK, &alone, nullptr);
  ::alarm(seconds);
}

Json to_json(const Verdict& v) {
  Json checks = Json::array();
  for (const HealthCheck& c : v.checks) checks.push_back({{"check", c.name}, {"measured", c.measured}, {"limit", c.limit}, {"passed", c.passed}});
  Json json{{"schema", "hone/trial/1"}, {"passed", v.reason == Reason::none}, {"reason", name(v.reason)}, {"detail", v.what}, {"checks", checks}, {"not_measured", v.unmeasured}};
  if (v.timing) json["p95_us"] = v.timing->p95_us;
  return json;
}

// Passed in its last try, and cut short before the commit: there is no try left to pass again, and no need.
Result<int> commit_passed(const Args& args, Store& store) {
  TRY(const Release release, store.release(*store.state().candidate()));
  CHECK_OK(store.commit());
  const Manifest& m = release.manifest();
  args.console().say("{} {}: passed in its last try; committed", m.name, m.version);
  Json json = to_json(Verdict());
  json["golden"] = m.golden.size();
  json["tries_left"] = 0;
  CHECK_OK(args.console().json(json));
  return 0;
}

Result<int> run(const Args& args) {
  TRY(const std::int64_t seconds, args.integer("timeout", 1, 86400));
  TRY(Store store, open_store(args, Store::Access::change));
  if (args.flag("commit") && store.state().passed && store.state().tries == 0) return commit_passed(args, store);
  TRY(const TrialOptions options, prepare(args, store));
  TRY(const Digest digest, store.begin_trial());
  kill_after(static_cast<unsigned>(seconds));
  const Verdict v = examine(store, digest, options);
  ::alarm(0);
  const int tries = store.state().tries;
  const auto release = store.release(digest);
  const std::string what = release ? format("{} {}", release->manifest().name, release->manifest().version) : "the candidate";
  const std::size_t vectors = release ? release->manifest().golden.size() : 0;
  // The verdict first: whoever reads what is said may have gone, and then saying it ends this process.
  if (v.reason != Reason::none) {
    CHECK_OK(store.fail_trial(v.reason));
  } else {
    CHECK_OK(store.pass_trial());
    if (args.flag("commit")) CHECK_OK(store.commit());
  }
  for (const std::string& text : v.unmeasured) args.console().warn("not measured: {}", text);
  if (v.reason == Reason::none) {
    args.console().say("{}: passed; {} golden vectors, {} checks, p95 {}; {}", what, vectors, v.checks.size(), human_us(v.timing->p95_us),
                       args.flag("commit") ? "committed" : "next: hone-target commit");
    if (vectors == 0) args.console().warn("the release has no golden vectors: what it answers was not checked");
  } else {
    args.console().say("{}: rolled back: {}: {}", what, name(v.reason), v.what);
  }
  Json json = to_json(v);
  json["golden"] = vectors;
  json["tries_left"] = tries;
  CHECK_OK(args.console().json(json));
  return v.reason == Reason::none ? 0 : 1;
}

constexpr Option options[] = {store_option,
                              device_pub_option,
                              device_keyring_option,
                              device_threshold_option, device_identity_option,
                              {"--commit", "", "commit at once when it passes"},
                              {"--timeout", "S", "seconds after which a hanging candidate is killed", "120"},
                              {"--data", "FILE...", "inputs that the device has seen, samples along the first axis: an .npy for the only one, or NAME=FILE.npy"},
                              {"--thermal", "DIR", "where the temperature is read", thermal_folder}};

}  // namespace

extern const Command trial_command{.name = "trial",
                                   .usage = "--store DIR",
                                   .help = "load the staged release, run its golden vectors, hold it to its gate\nWith --data, outputs are checked for NaN and infinity and held against the release's reference histograms; without, "
                                           "golden vectors are, if there are enough.\nExit status 1 when it failed and was rolled back; it is not tried again.",
                                   .options = options,
                                   .run = run};

}  // namespace hone
