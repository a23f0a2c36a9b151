// SPDX-License-Identifier: Apache-2.0
// The health gate of a manifest, as a device reads it (docs/gate.md): limits by name, `latency.max_p95_us`.
#pragma once
#include <optional>
#include <string_view>

#include "lib/base/json.h"

namespace hone {

// A limit that a device cannot hold a release to is no limit: unknown ones are refused before anything is installed. Tables that only a workstation can
// measure (accuracy, size, agreement) are passed over. Errors: invalid, with the name.
Status check_gate(const Json& gate);
// REQUIRES: check_gate() has passed.
std::optional<double> gate_limit(const Json& gate, std::string_view name);

}  // namespace hone
