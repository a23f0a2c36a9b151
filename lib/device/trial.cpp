// SPDX-License-Identifier: Apache-2.0
#include "lib/device/trial.h"

#include <chrono>

#include "lib/bundle/gate.h"
#include "lib/device/drift.h"
#include "lib/stats/stats.h"

namespace hone {
namespace {

constexpr std::size_t most_runs = 2000;

// Samples begin to begin + n of every input.
Result<NamedTensors> samples_of(const NamedTensors& data, std::int64_t begin, std::int64_t n) {
  NamedTensors part;
  for (const auto& [name, tensor] : data) {
    Dims dims = tensor.dims();
    const std::size_t row = tensor.bytes().size() / static_cast<std::size_t>(dims[0]);
    dims[0] = n;
    TRY(part[name], Tensor::view(tensor.dtype(), dims, tensor.bytes().subspan(static_cast<std::size_t>(begin) * row, static_cast<std::size_t>(n) * row), tensor.owner()));
  }
  return part;
}

// How many samples a run takes: what the model fixes, else 1.
std::int64_t samples_at_once(const Graph& graph) {
  for (const Value* v : graph.inputs)
    if (!v->constant && v->shape.ranked && !v->shape.dims.empty() && v->shape.dims[0].value > 0) return v->shape.dims[0].value;
  return 1;
}

// An error of a step is that the candidate cannot be run; a check that fails is in the verdict.
class Examination {
 public:
  Examination(const Store& store, const TrialOptions& options, Verdict& verdict) : store_(store), options_(options), v_(verdict) {}

  Status run(const Digest& digest) {
    TRY(const Release release, store_.release(digest));
    const auto start = std::chrono::steady_clock::now();
    Loaded loaded = from_store(store_, release);
    CHECK_OK(open_plan(loaded));
    if (const Status fits = check_plan(loaded); !fits) return fail(Reason::interface, fits.error().message);
    TRY(Session session, Session::create(loaded.plan, {.threads = options_.threads}));
    TRY(const NamedTensors inputs, some_inputs(loaded));
    CHECK_OK(session.run(inputs));
    const double load_us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
    gate_ = &release.manifest().gate;
    check_arena(release.manifest(), session, inputs);
    for (const auto& step : {&Examination::golden, &Examination::distribution, &Examination::latency, &Examination::against_serving}) {
      if (v_.reason != Reason::none) return Ok{};
      CHECK_OK((this->*step)(loaded, session, inputs));
    }
    hold("latency.max_load_us", load_us, Reason::too_slow);
    temperature();
    return Ok{};
  }

 private:
  Status fail(Reason reason, std::string what) {
    if (v_.reason == Reason::none) v_.reason = reason, v_.what = std::move(what);
    return Ok{};
  }

  void hold(std::string name, double measured, double limit, Reason reason) {
    const bool passed = measured <= limit + 1e-12 * std::max(1.0, std::abs(limit));
    if (!passed) (void)fail(reason, format("{:.6g}, {} is {:.6g}", measured, name, limit)).has_value();
    v_.checks.push_back({std::move(name), measured, limit, passed});
  }
  void hold(const char* name, double measured, Reason reason) {
    if (const auto limit = gate_limit(*gate_, name)) hold(name, measured, *limit, reason);
  }

  Status golden(const Loaded& loaded, Session& session, const NamedTensors&) {
    TRY(const auto failures, run_golden(loaded, session));
    if (!failures.empty()) return fail(failures.front().reason, failures.front().what);
    return Ok{};
  }

  // The activations that the manifest states are what no kernel exceeds when every open dimension is 1.
  void check_arena(const Manifest& m, const Session& session, const NamedTensors& inputs) {
    for (const Port& port : m.interface.inputs) {
      const auto it = inputs.find(port.name);
      if (it == inputs.end() || !port.shape || port.shape->size() != it->second.rank()) return;
      for (std::size_t i = 0; i < port.shape->size(); ++i)
        if ((*port.shape)[i] == Port::any && it->second.dims()[i] != 1) return;
    }
    hold("memory.arena of the manifest", static_cast<double>(session.arena_bytes()), static_cast<double>(m.memory.arena), Reason::too_much_memory);
  }

  // NaN, infinity and drift, over the application's data or the golden vectors.
  Status distribution(const Loaded& loaded, Session& session, const NamedTensors&) {
    const Manifest& m = loaded.release->manifest();
    OutputCounts counts(m.histograms);
    std::uint64_t samples = 0;
    const auto run = [&](const NamedTensors& inputs) -> Status {
      TRY(const auto outputs, session.run(inputs));
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::string& name = session.graph().outputs[i]->name;
        if (!options_.data.empty() && has_nonfinite(outputs[i])) return fail(Reason::not_finite, format("output '{}' for the device's own data: NaN or infinity", name));
        counts.add(name, outputs[i]);
      }
      return Ok{};
    };
    if (!options_.data.empty()) {
      const std::int64_t given = options_.data.begin()->second.dims()[0];
      const std::int64_t step = samples_at_once(session.graph());
      for (std::int64_t begin = 0; begin + step <= given && v_.reason == Reason::none; begin += step, samples += static_cast<std::uint64_t>(step)) {
        TRY(const NamedTensors inputs, samples_of(options_.data, begin, step));
        CHECK_OK(run(inputs));
      }
    } else if (!m.histograms.empty()) {
      for (const Golden& g : m.golden) {
        TRY(const NamedTensors inputs, golden_tensors(loaded, g.inputs));
        CHECK_OK(run(inputs));
        samples += static_cast<std::uint64_t>(samples_at_once(session.graph()));
      }
    }
    judge_drift(m, counts, samples);
    return Ok{};
  }

  void judge_drift(const Manifest& m, const OutputCounts& counts, std::uint64_t samples) {
    const double limit = gate_limit(*gate_, "drift.max_index").value_or(drift_limit);
    if (m.histograms.empty()) {
      if (gate_limit(*gate_, "drift.max_index")) v_.unmeasured.push_back("drift: the release has no reference histograms");
    } else if (samples < drift_samples) {
      v_.unmeasured.push_back(format("drift: {} samples, {} are needed; --data gives the device's own", samples, drift_samples));
    } else {
      for (const auto& [name, drift] : counts.results()) hold(name, drift.index, limit + drift.noise, Reason::drift);
    }
  }

  Status latency(const Loaded&, Session& session, const NamedTensors& inputs) {
    TRY(v_.timing, time_runs(session, inputs, most_runs));
    const std::pair<const char*, double> measured[] = {{"latency.max_median_us", v_.timing->median_us}, {"latency.max_p90_us", v_.timing->p90_us},
                                                       {"latency.max_p95_us", v_.timing->p95_us}, {"latency.max_p99_us", v_.timing->p99_us}};
    for (const auto& [name, us] : measured) hold(name, us, Reason::too_slow);
    // Before another model is loaded beside it.
    if (options_.memory) hold("memory.max_peak_rss_bytes", static_cast<double>(peak_rss_bytes()), Reason::too_much_memory);
    return Ok{};
  }

  // The release that serves is loaded beside the candidate only where the gate asks for it.
  Status against_serving(const Loaded& candidate, Session& session, const NamedTensors& inputs) {
    constexpr const char* names[] = {"latency.max_ratio", "latency.max_ratio_high", "latency.max_p95_ratio"};
    if (std::ranges::none_of(names, [&](const char* name) { return gate_limit(*gate_, name).has_value(); })) return Ok{};
    const auto serving = load_serving(store_);
    if (!serving || serving->loaded.release->digest() == candidate.release->digest()) {
      v_.unmeasured.push_back("latency ratio: nothing else serves here");
      return Ok{};
    }
    auto other = Session::create(serving->loaded.plan, {.threads = options_.threads});
    const auto others = some_inputs(serving->loaded);
    if (!other || !others) {
      v_.unmeasured.push_back("latency ratio: what serves cannot be run: " + (other ? others.error().message : other.error().message));
      return Ok{};
    }
    const bool same = serving->loaded.release->manifest().interface.inputs == candidate.release->manifest().interface.inputs;
    TRY(const Pairs pairs, time_in_turns(session, inputs, *other, same ? inputs : *others, most_runs / 2));
    const Interval ratio = bootstrap_ratio(pairs.a_us, pairs.b_us, 0);
    hold(names[0], ratio.value, Reason::too_slow);
    hold(names[1], ratio.high, Reason::too_slow);
    hold(names[2], percentile(pairs.a_us, 95) / percentile(pairs.b_us, 95), Reason::too_slow);
    return Ok{};
  }

  void temperature() {
    if (!gate_limit(*gate_, "temperature.max_celsius")) return;
    if (const auto celsius = hottest(options_.thermal)) hold("temperature.max_celsius", *celsius, Reason::too_hot);
    else v_.unmeasured.push_back("temperature: this device has no sensor that can be read");
  }

  const Store& store_;
  const TrialOptions& options_;
  Verdict& v_;
  const Json* gate_ = nullptr;
};

}  // namespace

Status check_data(const Manifest& candidate, const NamedTensors& data) {
  if (data.empty()) return Ok{};
  for (const Port& port : candidate.interface.inputs) {
    const auto it = data.find(port.name);
    if (it == data.end()) return invalid("there is no data for input '{}'", port.name);
    const Tensor& t = it->second;
    if (t.dtype() != port.dtype) return invalid("the data of input '{}' is {}, the model takes {}", port.name, name(t.dtype()), name(port.dtype));
    bool fits = port.shape && t.rank() > 0 && port.shape->size() == t.rank() && t.dims()[0] > 0 && t.dims()[0] == data.begin()->second.dims()[0];
    for (std::size_t i = 1; fits && i < t.rank(); ++i) fits = (*port.shape)[i] == Port::any || (*port.shape)[i] == t.dims()[i];
    if (!fits) return invalid("the data of input '{}' has shape {}: expected samples along the first axis, as many for every input, and the model's shape behind", port.name, to_string(t.dims()));
  }
  if (data.size() != candidate.interface.inputs.size()) return invalid("there is data for an input that the model does not have");
  return Ok{};
}

Verdict examine(const Store& store, const Digest& digest, const TrialOptions& options) {
  Verdict verdict;
  const Status done = Examination(store, options, verdict).run(digest);
  if (!done && verdict.reason == Reason::none) verdict.reason = Reason::load_failed, verdict.what = done.error().message;
  return verdict;
}

std::optional<double> too_hot_to_try(const Manifest& candidate, const Path& thermal) {
  const auto limit = gate_limit(candidate.gate, "temperature.max_celsius");
  const auto celsius = limit ? hottest(thermal) : std::nullopt;
  return celsius && *celsius > *limit ? celsius : std::nullopt;
}

}  // namespace hone
