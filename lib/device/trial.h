// SPDX-License-Identifier: Apache-2.0
// The candidate of a trial against its golden vectors and its health gate: the same for hone-target trial and for an application.
#pragma once
#include "lib/device/golden.h"

namespace hone {

struct TrialOptions {
  int threads = 0;     // 0: one per CPU
  bool memory = true;  // hold this process to the gate's memory: not where an application has its own
};

struct Verdict {
  Reason reason = Reason::none;  // none: passed
  std::string what;
  std::optional<Timing> timing;
};

// Loads the release, runs its golden vectors, and holds it to its gate (docs/gate.md). Changes nothing in the store: whoever calls it has
// begun the trial, and passes or fails it.
Verdict examine(const Store&, const Digest&, const TrialOptions& = {});

}  // namespace hone
