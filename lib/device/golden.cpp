// SPDX-License-Identifier: Apache-2.0
#include "lib/device/golden.h"

#include <sys/resource.h>

#include <chrono>
#include <cmath>

#include "lib/data/compare.h"
#include "lib/data/npy.h"
#include "lib/stats/stats.h"

namespace hone {

Result<NamedTensors> golden_tensors(const Loaded& loaded, const std::map<std::string, std::string>& files) {
  NamedTensors tensors;
  for (const auto& [value, file] : files) {
    TRY(const SharedBytes shared, loaded.read(file));
    TRY(tensors[value], parse_npy(shared.bytes, shared.owner).in(file));
  }
  return tensors;
}

bool has_nonfinite(const Tensor& t) {
  if (!is_float(t.dtype())) return false;
  const auto values = t.to_floats();
  return std::ranges::any_of(values, [](float f) { return !std::isfinite(f); });
}

static std::optional<GoldenFailure> compare_golden(const std::string& where, const Golden& golden, const Tensor& got, const Tensor& want) {
  if (has_nonfinite(got) && !has_nonfinite(want)) return GoldenFailure{Reason::not_finite, where + ": NaN or infinity"};
  if (is_float(got.dtype())) {
    const Difference d = difference(got, want, {.relative = golden.relative, .absolute = golden.absolute});
    if (!d.same) return GoldenFailure{Reason::golden_differs, format("{}: {}", where, d.what)};
  } else if (!identical(got, want)) {
    return GoldenFailure{Reason::golden_differs, where + ": differs from the golden vector"};
  }
  return std::nullopt;
}

Result<std::vector<GoldenFailure>> run_golden(const Loaded& loaded, Session& session) {
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

Result<NamedTensors> some_inputs(const Loaded& loaded) {
  if (loaded.release && !loaded.release->manifest().golden.empty()) return golden_tensors(loaded, loaded.release->manifest().golden[0].inputs);
  NamedTensors inputs;
  for (const Value* v : loaded.plan.graph().inputs) {
    if (v->constant) continue;
    Dims dims;
    for (const Dim& d : v->shape.dims) dims.push_back(d.value >= 0 ? d.value : 1);
    inputs[v->name] = Tensor::allocate(v->dtype, dims);
  }
  return inputs;
}

using Clock = std::chrono::steady_clock;
constexpr int warm_up = 3;

static bool go_on(std::size_t runs, std::size_t most, Clock::time_point begin) {
  return runs < most && (runs < 10 || Clock::now() - begin < std::chrono::seconds(1));
}

static Status time_one(Session& session, const NamedTensors& inputs, std::vector<double>& us) {
  const auto start = Clock::now();
  CHECK_OK(session.run(inputs));
  us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  return Ok{};
}

Result<Timing> time_runs(Session& session, const NamedTensors& inputs, std::size_t most) {
  for (int i = 0; i < warm_up; ++i) CHECK_OK(session.run(inputs));
  std::vector<double> us;
  for (const auto begin = Clock::now(); go_on(us.size(), most, begin);) CHECK_OK(time_one(session, inputs, us));
  return Timing{percentile(us, 50), percentile(us, 90), percentile(us, 95), percentile(us, 99), us.size()};
}

Result<Pairs> time_in_turns(Session& a, const NamedTensors& a_inputs, Session& b, const NamedTensors& b_inputs, std::size_t most) {
  Pairs pairs;
  for (int i = 0; i < warm_up; ++i) {
    CHECK_OK(a.run(a_inputs));
    CHECK_OK(b.run(b_inputs));
  }
  for (const auto begin = Clock::now(); go_on(pairs.a_us.size(), most, begin);) {
    CHECK_OK(time_one(a, a_inputs, pairs.a_us));
    CHECK_OK(time_one(b, b_inputs, pairs.b_us));
  }
  return pairs;
}

std::int64_t peak_rss_bytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace hone
