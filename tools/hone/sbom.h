// SPDX-License-Identifier: Apache-2.0
// What this tool is made of. Every bundle carries it: a leak in a library is found by searching what was shipped.
#pragma once
#include <string>
#include <string_view>

#include "lib/base/json.h"

namespace hone {

constexpr std::string_view sbom_file = "sbom.spdx.json";

// The git revision this program was built from; "unknown" outside git.
std::string_view hone_revision();
// SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/) as JSON text; `created`: seconds since 1970. The same program gives the same bytes.
std::string print_sbom(std::uint64_t created);

}  // namespace hone
