// SPDX-License-Identifier: Apache-2.0
#include "lib/device/trial.h"

namespace hone {
namespace {

// A limit of the gate, when it has one.
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

}  // namespace

Verdict examine(const Store& store, const Digest& digest, const TrialOptions& options) {
  const auto release = store.release(digest);
  if (!release) return {Reason::load_failed, release.error().message, {}};
  const auto loaded = load_from_store(store, *release);
  if (!loaded) return {Reason::load_failed, loaded.error().message, {}};
  auto session = Session::create(loaded->plan, {.threads = options.threads});
  if (!session) return {Reason::load_failed, session.error().message, {}};
  const auto failures = run_golden(*loaded, *session);
  if (!failures) return {Reason::load_failed, failures.error().message, {}};
  if (!failures->empty()) return {failures->front().reason, failures->front().what, {}};
  Verdict v;
  if (const Status timed = check_latency(*loaded, *session, v); !timed) return {Reason::load_failed, timed.error().message, {}};
  const auto most = limit(release->manifest().gate, "memory", "max_peak_rss_bytes");
  if (options.memory && v.reason == Reason::none && most && static_cast<double>(peak_rss_bytes()) > *most)
    v = {Reason::too_much_memory, format("{} bytes, memory.max_peak_rss_bytes is {:.0f}", peak_rss_bytes(), *most), v.timing};
  return v;
}

}  // namespace hone
