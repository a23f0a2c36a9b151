// SPDX-License-Identifier: Apache-2.0
// hone-target bench: latency and memory of one model on this device.
#include "tools/target/device.h"

namespace hone {
namespace {

// -i, else the first golden vector, else zeros.
Result<NamedTensors> inputs_for(const Args& args, const Loaded& loaded) {
  NamedTensors inputs;
  for (const std::string& text : args.list("input")) CHECK_OK(add_npy_input(text, loaded.plan.graph(), inputs));
  if (!inputs.empty()) return inputs;
  return some_inputs(loaded);
}

Result<int> run(const Args& args) {
  using Clock = std::chrono::steady_clock;
  TRY(const std::int64_t runs, args.integer("runs", 0, 1000000));
  std::optional<Store> store;
  const auto start = Clock::now();
  TRY(const Loaded loaded, open_model(args, store));
  TRY(Session session, Session::create(loaded.plan, {.threads = args.threads()}));
  TRY(const NamedTensors inputs, inputs_for(args, loaded));
  CHECK_OK(session.run(inputs));
  const double load_us = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
  TRY(const Timing t, time_runs(session, inputs, runs > 0 ? static_cast<std::size_t>(runs) : 20000));
  args.console().say("{}: median {}, p90 {}, p99 {} of {} runs; ready after {}; peak memory {}", loaded.what, human_us(t.median_us), human_us(t.p90_us), human_us(t.p99_us),
                     t.runs, human_us(load_us), human_bytes(static_cast<std::uint64_t>(peak_rss_bytes())));
  CHECK_OK(args.console().json({{"schema", "hone/bench/1"}, {"model", loaded.what}, {"runs", t.runs}, {"median_us", t.median_us}, {"p90_us", t.p90_us}, {"p95_us", t.p95_us},
                                {"p99_us", t.p99_us}, {"load_us", load_us}, {"peak_rss_bytes", peak_rss_bytes()}}));
  return 0;
}

constexpr Option options[] = {model_option,
                              store_option,
                              device_pub_option,
                              device_keyring_option,
                              device_threshold_option, device_identity_option, device_grant_option,
                              {"-i,--input", "FILE...", "inputs: an .npy for the only one, or NAME=FILE.npy; else golden vectors, else zeros"},
                              {"--runs", "N", "at most N runs; 0: about a second", "0"}};

}  // namespace

extern const Command bench_command{.name = "bench", .usage = "MODEL [--pub K.pub] | --store DIR", .help = "latency and memory of a plan, a bundle, or what the store serves", .options = options, .run = run};

}  // namespace hone
