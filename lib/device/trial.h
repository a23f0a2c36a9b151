// SPDX-License-Identifier: Apache-2.0
// The candidate of a trial against its golden vectors and its health gate: the same for hone-target trial and for an application.
#pragma once
#include "lib/device/golden.h"
#include "lib/device/thermal.h"

namespace hone {

struct TrialOptions {
  int threads = 0;                // 0: one per CPU
  bool memory = true;             // hold this process to the gate's memory: not where an application has its own
  NamedTensors data = {};         // inputs that the device has seen, samples along the first axis; empty: golden vectors
  Path thermal = thermal_folder;  // where the temperature is read
};

// Something measured, and the limit that it was held to: `latency.max_p95_us`, `drift of 'scores' (argmax)`.
struct HealthCheck {
  std::string name;
  double measured = 0, limit = 0;
  bool passed = true;
};

struct Verdict {
  Reason reason = Reason::none;  // none: passed
  std::string what;
  std::optional<Timing> timing;
  std::vector<HealthCheck> checks;
  std::vector<std::string> unmeasured;  // what could not be checked here, and why
};

// Does the data fit the inputs of the candidate? A try is not to be lost over that. Errors: invalid.
Status check_data(const Manifest& candidate, const NamedTensors& data);

// Loads the release, runs its golden vectors, and holds it to its gate (docs/gate.md); the first check that fails ends it. Changes nothing in the store:
// whoever calls it has begun the trial, and passes or fails it.
Verdict examine(const Store&, const Digest&, const TrialOptions& = {});

// Already hotter than the candidate's gate allows, so that a trial would blame the candidate for it: the temperature.
std::optional<double> too_hot_to_try(const Manifest& candidate, const Path& thermal);

}  // namespace hone
