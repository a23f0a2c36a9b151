// SPDX-License-Identifier: Apache-2.0
// JSON values (nlohmann's, keys in the order they were written) and a parser for text that nobody vouches for.
#pragma once
#include <nlohmann/json.hpp>
#include <string_view>

#include "lib/base/result.h"

namespace hone {

using Json = nlohmann::ordered_json;

// RFC 8259, and stricter: no duplicate keys (section 4 leaves them open), nesting up to 64, UTF-8 only, no byte order mark; in linear time.
Result<Json> parse_json(std::string_view text);

}  // namespace hone
