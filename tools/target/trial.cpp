// SPDX-License-Identifier: Apache-2.0
// hone-target trial: the candidate against its golden vectors and its gate; what fails is rolled back. The try is counted down on disk before the
// candidate is loaded, so one that crashes or hangs uses its tries up.
#include <unistd.h>

#include "tools/target/device.h"

namespace hone {
namespace {

struct Verdict {
  Reason reason = Reason::none;
  std::string what;
  std::optional<Timing> timing;
};

// A limit of the gate (docs/gate.md), when it has one.
std::optional<double> limit(const Json& gate, const char* table, const char* key) {
  const auto section = gate.find(table);
  if (section == gate.end() || !section->is_object()) return std::nullopt;
  const auto value = section->find(key);
  if (value == section->end() || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

Status check_latency(const Loaded& loaded, Session& session, Verdict& v) {
  const Manifest& m = loaded.release->manifest();
  if (m.golden.empty()) return Ok{};
  TRY(const NamedTensors inputs, golden_tensors(loaded, m.golden[0].inputs));
  TRY(v.timing, time_runs(session, inputs, 2000));
  const std::pair<const char*, double> measured[] = {{"max_median_us", v.timing->median_us}, {"max_p90_us", v.timing->p90_us}, {"max_p95_us", v.timing->p95_us}, {"max_p99_us", v.timing->p99_us}};
  for (const auto& [key, us] : measured)
    if (const auto most = limit(m.gate, "latency", key); most && us > *most) v = {Reason::too_slow, format("{:.0f} us, latency.{} is {:.0f}", us, key, *most), v.timing};
  return Ok{};
}

Verdict examine(const Args& args, const Store& store, const Digest& digest) {
  const auto release = store.release(digest);
  if (!release) return {Reason::load_failed, release.error().message, {}};
  const auto loaded = load_from_store(store, *release);
  if (!loaded) return {Reason::load_failed, loaded.error().message, {}};
  auto session = Session::create(loaded->plan, {.threads = args.threads()});
  if (!session) return {Reason::load_failed, session.error().message, {}};
  const auto failures = run_golden(*loaded, *session);
  if (!failures) return {Reason::load_failed, failures.error().message, {}};
  if (!failures->empty()) return {failures->front().reason, failures->front().what, {}};
  Verdict v;
  if (const Status timed = check_latency(*loaded, *session, v); !timed) return {Reason::load_failed, timed.error().message, {}};
  const auto most = limit(release->manifest().gate, "memory", "max_peak_rss_bytes");
  if (v.reason == Reason::none && most && static_cast<double>(peak_rss_bytes()) > *most)
    v = {Reason::too_much_memory, format("{} bytes, memory.max_peak_rss_bytes is {:.0f}", peak_rss_bytes(), *most), v.timing};
  return v;
}

Result<int> run(const Args& args) {
  TRY(const std::int64_t seconds, args.integer("timeout", 1, 86400));
  TRY(Store store, open_store(args, Store::Access::change));
  TRY(const Digest digest, store.begin_trial());
  ::alarm(static_cast<unsigned>(seconds));  // a candidate that hangs is killed, its try spent
  const Verdict v = examine(args, store, digest);
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
    store_option, device_pub_option, device_threshold_option, {"--commit", "", "commit at once when it passes"}, {"--timeout", "S", "seconds after which a hanging candidate is killed", "120"}};

}  // namespace

extern const Command trial_command{.name = "trial",
                                   .usage = "--store DIR",
                                   .help = "load the staged release, run its golden vectors, hold it to its gate\nExit status 1 when it failed and was rolled back; it is not tried again.",
                                   .options = options,
                                   .run = run};

}  // namespace hone
