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

struct Timing {
  double median_us = 0, p90_us = 0, p95_us = 0, p99_us = 0;
  std::size_t runs = 0;
};
// Some warm-up, then at least 10 runs and about a second, at most `most` runs.
Result<Timing> time_runs(Session&, const NamedTensors& inputs, std::size_t most);
std::int64_t peak_rss_bytes();  // of this process

}  // namespace hone
