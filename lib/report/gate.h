// SPDX-License-Identifier: Apache-2.0
// A release decision: a policy (TOML, see docs/gate.md) against measured results. It fails closed: a limit whose measurement
// is missing, unreadable or of another file is an error, and so is a key that no one knows.
#pragma once
#include <map>
#include <optional>

#include "lib/report/report.h"

namespace hone {

struct GateFile {
  std::string name, sha256;
  std::uint64_t bytes = 0;
};
struct Evidence {
  std::optional<GateFile> candidate, baseline;
  // Documents of hone eval, bench and compare.
  std::optional<Json> candidate_eval, baseline_eval, bench, compare;
};

struct GateKey {
  std::string_view name, help;  // "accuracy.min"
};
// Every key a policy may have.
std::span<const GateKey> gate_keys();

// One check for each limit, in the order of gate_keys().
Result<std::vector<Check>> judge(std::string_view policy_toml, const Evidence&);

}  // namespace hone
