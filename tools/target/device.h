// SPDX-License-Identifier: Apache-2.0
// What the device commands share: the store and the keys it trusts, a model to run from it, its golden vectors, and its timing.
#pragma once
#include <sys/resource.h>
#include <sys/utsname.h>

#include <chrono>
#include <cmath>

#include "lib/data/compare.h"
#include "lib/data/npy.h"
#include "lib/exec/session.h"
#include "lib/stats/stats.h"
#include "lib/store/store.h"
#include "tools/cli/tensors.h"

namespace hone {

constexpr Option store_option{"--store", "DIR", "the device's store"};
constexpr Option device_pub_option{"--pub", "K.pub...", "a public key to trust, repeat for several; else those of the store's first install"};
constexpr Option device_threshold_option{"--threshold", "K", "how many different trusted keys must have signed", "1"};

// The keys of --pub, else those pinned by the store's first install. A device trusts nothing else: without a readable key, everything is refused.
inline Result<Trust> device_trust(const Args& args) {
  if (!args.has("pub") && args.has("store")) return Store::pinned(args.text("store"));
  if (!args.has("pub")) return usage_error("whom does this device trust? Name a public key with --pub K.pub");
  const std::vector<std::string> files = args.list("pub");
  TRY(Trust trust, read_trust(files));
  TRY(const std::int64_t threshold, args.integer("threshold", 1, 8));
  trust.threshold = static_cast<std::size_t>(threshold);
  return trust;
}

inline Result<Store> open_store(const Args& args, Store::Access access) {
  if (!args.has("store")) return usage_error("which store? Name it with --store DIR");
  TRY(Trust trust, device_trust(args));
  return Store::open(args.text("store"), std::move(trust), access);
}

inline Device this_device() {
  struct utsname info{};
  ::uname(&info);
  return {info.machine, std::string(hone_version())};
}

// A plan ready to run, and where its golden vectors are.
struct Loaded {
  Plan plan;
  std::string what;
  std::optional<Release> release;  // none for a plan file
  std::function<Result<std::vector<std::byte>>(std::string_view)> read;
};

// The plan and weights of a release; each file is in our own memory and checked there.
inline Status load_release(Loaded& loaded) {
  const Manifest& m = loaded.release->manifest();
  loaded.what = format("{} {}", m.name, m.version);
  TRY(auto plan, loaded.read("model.plan"));
  SharedBytes weights;
  if (m.file("model.weights")) {
    TRY(auto bytes, loaded.read("model.weights"));
    weights = share(std::move(bytes));
  }
  TRY(loaded.plan, Plan::open(share(std::move(plan)), weights).in(loaded.what));
  return Ok{};
}

inline Result<Loaded> load_from_store(const Store& store, const Release& release) {
  Loaded loaded{.plan = {}, .what = {}, .release = release, .read = {}};
  loaded.read = [&store, release](std::string_view file) { return store.read(release, file); };
  CHECK_OK(load_release(loaded));
  return loaded;
}

// The best release that can be loaded; says when that is not the active one. The store must outlive it.
inline Result<Loaded> load_serving(const Args& args, const Store& store) {
  for (const Release& release : store.serving()) {
    auto loaded = load_from_store(store, release);
    if (loaded) return loaded;
    args.console().warn("{}; trying the next release", loaded.error().message);
  }
  return untrusted("{}: holds no release that can be trusted and loaded", args.text("store"));
}

constexpr Option model_option{"model", "MODEL", "a plan, or a bundle (with --pub); without it, what the store serves"};

// `store` keeps the store open while the model is in use.
inline Result<Loaded> open_model(const Args& args, std::optional<Store>& store) {
  if (!args.has("model")) {
    TRY(store, open_store(args, Store::Access::read));
    return load_serving(args, *store);
  }
  const Path path = args.text("model");
  TRY(const Input input, open_input(path));
  std::array<char, 14> head{};
  TRY(const std::size_t n, input.read(0, std::as_writable_bytes(std::span(head))));
  if (std::string_view(head.data(), n) != std::string_view("manifest.json\0", 14)) {
    TRY(const SharedBytes bytes, map_file(path));
    Loaded loaded{.plan = {}, .what = path.string(), .release = {}, .read = {}};
    TRY(loaded.plan, Plan::open(bytes).in(path.string()));
    return loaded;
  }
  TRY(const Trust trust, device_trust(args));
  TRY(const Bundle bundle, Bundle::open(input, trust));
  Loaded loaded{.plan = {}, .what = {}, .release = bundle.release(), .read = {}};
  loaded.read = [bundle](std::string_view file) { return bundle.file(file); };
  CHECK_OK(load_release(loaded));
  return loaded;
}

struct GoldenFailure {
  Reason reason;
  std::string what;
};

inline Result<NamedTensors> golden_tensors(const Loaded& loaded, const std::map<std::string, std::string>& files) {
  NamedTensors tensors;
  for (const auto& [value, file] : files) {
    TRY(auto bytes, loaded.read(file));
    const SharedBytes shared = share(std::move(bytes));
    TRY(tensors[value], parse_npy(shared.bytes, shared.owner).in(file));
  }
  return tensors;
}

inline bool has_nonfinite(const Tensor& t) {
  if (!is_float(t.dtype())) return false;
  const auto values = t.to_floats();
  return std::ranges::any_of(values, [](float f) { return !std::isfinite(f); });
}

// Integers must be equal to the bit; floats within the tolerance the manifest states.
inline std::optional<GoldenFailure> compare_golden(const std::string& where, const Golden& golden, const Tensor& got, const Tensor& want) {
  if (has_nonfinite(got) && !has_nonfinite(want)) return GoldenFailure{Reason::not_finite, where + ": NaN or infinity"};
  if (is_float(got.dtype())) {
    const Difference d = difference(got, want, {.relative = golden.relative, .absolute = golden.absolute});
    if (!d.same) return GoldenFailure{Reason::golden_differs, format("{}: {}", where, d.what)};
  } else if (!identical(got, want)) {
    return GoldenFailure{Reason::golden_differs, where + ": differs from the golden vector"};
  }
  return std::nullopt;
}

// Every golden vector through the session. An error is one that has nothing to do with the model's answers.
inline Result<std::vector<GoldenFailure>> run_golden(const Loaded& loaded, Session& session) {
  std::vector<GoldenFailure> failures;
  const auto& list = loaded.release->manifest().golden;
  for (std::size_t k = 0; k < list.size(); ++k) {
    TRY(const NamedTensors inputs, golden_tensors(loaded, list[k].inputs));
    TRY(const NamedTensors expected, golden_tensors(loaded, list[k].outputs));
    TRY(const auto outputs, session.run(inputs).in(format("golden vector {}", k)));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string& name = session.graph().outputs[i]->name;
      const auto want = expected.find(name);
      if (want == expected.end()) continue;
      if (auto failure = compare_golden(format("golden vector {}, output '{}'", k, name), list[k], outputs[i], want->second)) failures.push_back(std::move(*failure));
    }
  }
  return failures;
}

struct Timing {
  double median_us = 0, p90_us = 0, p95_us = 0, p99_us = 0;
  std::size_t runs = 0;
};

// Some warm-up, then at least 10 runs and about a second, at most `most` runs.
inline Result<Timing> time_runs(Session& session, const NamedTensors& inputs, std::size_t most) {
  using Clock = std::chrono::steady_clock;
  for (int i = 0; i < 3; ++i) CHECK_OK(session.run(inputs));
  std::vector<double> us;
  const auto begin = Clock::now();
  while (us.size() < most && (us.size() < 10 || Clock::now() - begin < std::chrono::seconds(1))) {
    const auto start = Clock::now();
    CHECK_OK(session.run(inputs));
    us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  return Timing{percentile(us, 50), percentile(us, 90), percentile(us, 95), percentile(us, 99), us.size()};
}

inline std::int64_t peak_rss_bytes() {
  struct rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace hone
