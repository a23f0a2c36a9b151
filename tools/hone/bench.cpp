// SPDX-License-Identifier: Apache-2.0
// hone bench: latency, throughput and memory. Loading and memory are measured in a child process of their own; two models are
// timed in turns, so that what disturbs the machine disturbs both, and their ratio comes with an interval.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "lib/base/thread_pool.h"
#include "lib/stats/stats.h"
#include "tools/hone/measure.h"
#include "tools/hone/noise.h"

namespace hone {
namespace {

using Clock = std::chrono::steady_clock;
double us_since(Clock::time_point start) { return std::chrono::duration<double, std::micro>(Clock::now() - start).count(); }

struct Alone {
  double load_us = 0;  // from the file to a session that has run once
  std::int64_t peak_rss_bytes = 0;
};

struct Contender {
  Loaded model;
  std::optional<Session> session;
  std::vector<TensorMap> inputs;
  Alone alone;
  std::vector<double> us;
  std::int64_t batch = 1;
};

Result<std::vector<TensorMap>> inputs_of(const Args& args, const Graph& graph, std::int64_t* batch) {
  TRY(DatasetOptions options, dataset_options(args));
  TRY(const std::int64_t wanted, args.integer("batch", 1, 1 << 20));
  constexpr std::int64_t variety = 8;  // different inputs, used in turn
  if (options.limit < 0) options.limit = variety * wanted;
  TRY(const Dataset data, data_or_noise(args, args.text("data"), graph, options.limit, options));
  *batch = data.batch_size(wanted);
  std::vector<TensorMap> inputs;
  for (std::int64_t begin = 0; begin + *batch <= data.samples() && inputs.size() < variety; begin += *batch) inputs.push_back(data.batch(begin, begin + *batch));
  if (inputs.empty()) inputs.push_back(data.batch(0, data.samples())), *batch = data.batch_size(data.samples());
  return inputs;
}

Result<int> run_alone(const Args& args, const Path& path, double* us) {
  const auto start = Clock::now();
  TRY(const Loaded model, load_plan(path));
  TRY(Session session, Session::create(model.plan, {.threads = args.threads()}));
  std::int64_t batch = 1;
  TRY(const auto inputs, inputs_of(args, model.plan.graph(), &batch));
  CHECK_OK(session.run(inputs[0]));
  *us = us_since(start);
  for (int i = 0; i < 3; ++i) CHECK_OK(session.run(inputs[0]));
  return 0;
}

// In a child process, so that no other model's memory counts. Its errors are found again, and told, by the parent.
Result<Alone> measure_alone(const Args& args, const Path& path) {
  int ends[2];
  if (::pipe(ends) != 0) return io_error("cannot make a pipe");
  const pid_t child = ::fork();
  if (child < 0) return io_error("cannot start a process to measure memory in");
  if (child == 0) {
    double us = 0;
    const bool done = run_alone(args, path, &us).has_value() && ::write(ends[1], &us, sizeof us) == sizeof us;
    ::_exit(done ? 0 : 1);
  }
  ::close(ends[1]);
  Alone alone;
  const bool told = ::read(ends[0], &alone.load_us, sizeof alone.load_us) == sizeof alone.load_us;
  ::close(ends[0]);
  int status = 0;
  struct rusage usage{};
  ::wait4(child, &status, 0, &usage);
  if (!told || !WIFEXITED(status)) return Alone{};
  alone.peak_rss_bytes = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
  return alone;
}

Result<Contender> prepare(const Args& args, const Path& path) {
  Contender c;
  TRY(c.model, load_plan(path));
  TRY(c.session, Session::create(c.model.plan, {.threads = args.threads()}));
  TRY(c.inputs, inputs_of(args, c.model.plan.graph(), &c.batch));
  return c;
}

Result<double> time_once(Contender& c, std::size_t i) {
  const TensorMap& inputs = c.inputs[i % c.inputs.size()];
  const auto start = Clock::now();
  CHECK_OK(c.session->run(inputs));
  return us_since(start);
}

// Warm-up, then at least 10 rounds and at least --seconds, or --runs. Every other round the order is reversed.
Status time_all(const Args& args, std::vector<Contender>& all) {
  TRY(const std::int64_t runs, args.integer("runs", 0, 1000000));
  TRY(const std::int64_t warmup, args.integer("warmup", 0, 1000000));
  TRY(const double seconds, args.number("seconds", 0.01, 86400));
  if (runs > 0 && args.has("seconds")) return usage_error("--runs and --seconds both say how long; choose one");
  const double least_us = seconds * 1e6;
  constexpr double least_warmup_us = 2e5;
  const std::size_t most = args.has("seconds") ? 100000 : 20000;  // intervals are drawn from all of them many times
  auto start = Clock::now();
  for (std::int64_t i = 0; i < warmup || (runs == 0 && us_since(start) < least_warmup_us); ++i)
    for (Contender& c : all) CHECK_OK(time_once(c, static_cast<std::size_t>(i)));
  start = Clock::now();
  auto bar = args.console().progress("timing", runs > 0 ? runs : static_cast<std::int64_t>(least_us));
  const auto enough = [&](std::size_t n) { return runs > 0 ? n >= static_cast<std::size_t>(runs) : n >= most || (n >= 10 && us_since(start) >= least_us * static_cast<double>(all.size())); };
  for (std::size_t i = 0; !enough(i); ++i) {
    for (std::size_t k = 0; k < all.size(); ++k) {
      Contender& c = all[i % 2 == 0 ? k : all.size() - 1 - k];
      TRY(const double us, time_once(c, i));
      c.us.push_back(us);
    }
    bar.at(runs > 0 ? static_cast<std::int64_t>(i) : static_cast<std::int64_t>(us_since(start) / static_cast<double>(all.size())));
  }
  return Ok{};
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(std::min(line.find(": ") + 2, line.size()));
  return "unknown CPU";
}

Json figures(const Contender& c, const std::string& prefix) {
  Json j;
  const double middle = median(c.us);
  j[prefix + "model"] = c.model.file;
  j[prefix + "model_sha256"] = c.model.sha256;
  j[prefix + "model_bytes"] = c.model.bytes;
  j[prefix + "median_us"] = middle;
  j[prefix + "p90_us"] = percentile(c.us, 90);
  j[prefix + "p99_us"] = percentile(c.us, 99);
  j[prefix + "mean_us"] = mean(c.us);
  j[prefix + "min_us"] = percentile(c.us, 0);
  j[prefix + "max_us"] = percentile(c.us, 100);
  j[prefix + "samples_per_s"] = 1e6 * static_cast<double>(c.batch) / middle;
  j[prefix + "load_us"] = c.alone.load_us;
  j[prefix + "peak_rss_bytes"] = c.alone.peak_rss_bytes;
  j[prefix + "arena_bytes"] = c.session->arena_bytes();
  j[prefix + "packed_bytes"] = c.session->packed_bytes();
  return j;
}

// Where the time goes, by node: a second, instrumented session.
Result<Json> profile(const Args& args, const Contender& c) {
  TRY(Session session, Session::create(c.model.plan, {.threads = args.threads(), .profile = true}));
  for (std::size_t i = 0; i < 20; ++i) CHECK_OK(session.run(c.inputs[i % c.inputs.size()]));
  std::vector<NodeProfile> nodes = session.profile();
  std::ranges::stable_sort(nodes, std::ranges::greater(), &NodeProfile::us);
  double total = 0;
  for (const NodeProfile& n : nodes) total += n.us;
  std::vector<std::vector<std::string>> rows{{"node", "operator", "kernel", "shape", "us", "share %"}};
  Json list = Json::array();
  for (const NodeProfile& n : nodes) {
    rows.push_back({n.name, n.op, n.kernel, to_string(n.shape), format("{:.1f}", n.us), format("{:.1f}", total > 0 ? 100 * n.us / total : 0)});
    list.push_back({{"name", n.name}, {"op", n.op}, {"kernel", n.kernel}, {"shape", n.shape}, {"us", n.us}});
  }
  args.console().table(rows);
  return list;
}

Result<int> run(const Args& args) {
  std::vector<Path> paths{args.text("model")};
  if (args.has("compare")) paths.emplace_back(args.text("compare"));
  std::vector<Alone> alone;  // before this process holds any model: a child starts with its parent's pages
  for (const Path& path : paths) {
    TRY(const Alone a, measure_alone(args, path));
    alone.push_back(a);
  }
  std::vector<Contender> all;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    TRY(Contender c, prepare(args, paths[i]));
    c.alone = alone[i];
    all.push_back(std::move(c));
  }
  note_open_sizes(args, args.text("data"), all[0].model.plan.graph());
  CHECK_OK(time_all(args, all));
  Json json{{"schema", "hone/bench/1"}, {"machine", cpu_name()}, {"cpus", available_cpus()}, {"isa", std::getenv("HONE_ISA") ? std::getenv("HONE_ISA") : "best"},
            {"threads", args.threads() == 0 ? available_cpus() : args.threads()}, {"batch", all[0].batch}, {"runs", all[0].us.size()}};
  std::vector<std::vector<std::string>> rows{{"model", "median", "p90", "p99", "samples/s", "load", "peak memory"}};
  Json warnings = Json::array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Contender& c = all[i];
    json.update(figures(c, i == 0 ? "" : "baseline_"));
    rows.push_back({c.model.file, human_us(median(c.us)), human_us(percentile(c.us, 90)), human_us(percentile(c.us, 99)),
                    format("{:.0f}", 1e6 * static_cast<double>(c.batch) / median(c.us)), human_us(c.alone.load_us), human_bytes(static_cast<std::uint64_t>(c.alone.peak_rss_bytes))});
    for (const std::string& advice : assess(c.us).advice) warnings.push_back(format("{}: {}", c.model.file, advice));
  }
  args.console().table(rows);
  if (all.size() == 2) {
    const Interval ratio = bootstrap_ratio(all[0].us, all[1].us, args.seed());
    args.console().say("{} takes {:.3f} of the time of {}  [{:.3f}, {:.3f}] with 95 % confidence, {} pairs of runs", all[0].model.file, ratio.value, all[1].model.file, ratio.low, ratio.high, all[0].us.size());
    json["ratio"] = ratio.value, json["ratio_low"] = ratio.low, json["ratio_high"] = ratio.high;
  }
  for (const Json& warning : warnings) args.console().warn("{}", warning.get<std::string>());
  json["warnings"] = warnings;
  if (args.flag("profile")) {
    TRY(json["profile"], profile(args, all[0]));
  }
  CHECK_OK(args.console().json(json));
  return 0;
}

constexpr Option options[] = {
    {"model", "MODEL", "an .onnx model or a .plan", "", true},
    {"--compare", "OTHER", "time this model too, in turns, and print the ratio MODEL / OTHER with a 95 % interval"},
    {"--data", "DATA", "inputs to use; 'random' for seeded noise", "random"},
    noise_shape_option, mean_option, std_option, offset_option, limit_option,
    {"--batch", "B", "samples in one run", "1"},
    {"--runs", "N", "timed runs; 0: at least 10, for --seconds", "0"},
    {"--seconds", "S", "how long to time each model, at least 10 runs", "2"},
    {"--warmup", "N", "runs before timing starts, and with --runs 0 at least 0.2 seconds", "3"},
    {"--profile", "", "time, kernel and shape of every node"},
};

}  // namespace

extern const Command bench_command{.name = "bench", .usage = "MODEL [--compare OTHER] [--threads N]",
                                   .help = "measure latency (median, p90, p99), throughput, loading and memory\n"
                                           "Warns when timings vary, drift or start slow, and says what to do. Loading is from the file to the first result, "
                                           "in a process of its own, whose peak memory is told too.",
                                   .options = options, .run = run};

}  // namespace hone
