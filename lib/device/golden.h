// SPDX-License-Identifier: Apache-2.0
// A release's golden vectors, and how long its runs take.
#pragma once
#include "lib/device/loaded.h"

namespace hone {

struct GoldenFailure {
  Reason reason;
  std::string what;
};

// The tensors of one side of a golden vector: `files` maps values to files of the release.
Result<NamedTensors> golden_tensors(const Loaded&, const std::map<std::string, std::string>& files);
// Every golden vector through the session: integers must be equal to the bit, floats within the tolerance that the manifest states.
// An error is one that has nothing to do with the model's answers. REQUIRES: loaded.release.
Result<std::vector<GoldenFailure>> run_golden(const Loaded&, Session&);

bool has_nonfinite(const Tensor&);
// The inputs of the first golden vector, else zeros; an open dimension counts as 1.
Result<NamedTensors> some_inputs(const Loaded&);

struct Timing {
  double median_us = 0, p90_us = 0, p95_us = 0, p99_us = 0;
  std::size_t runs = 0;
};
// Some warm-up, then at least 10 runs and about a second, at most `most` runs.
Result<Timing> time_runs(Session&, const NamedTensors& inputs, std::size_t most);
// Two models in turns, so that what disturbs the device disturbs both: microseconds of each pair of runs, as many as time_runs makes.
struct Pairs {
  std::vector<double> a_us, b_us;
};
Result<Pairs> time_in_turns(Session& a, const NamedTensors& a_inputs, Session& b, const NamedTensors& b_inputs, std::size_t most);
std::int64_t peak_rss_bytes();  // of this process

}  // namespace hone
