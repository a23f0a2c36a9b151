// SPDX-License-Identifier: Apache-2.0
#include "lib/base/json.h"

#include <set>
#include <string>
#include <vector>

namespace hone {

Result<Json> parse_json(std::string_view text) {
  constexpr int max_depth = 64;
  std::vector<std::set<std::string>> keys;  // those seen so far, one set for each object being read
  std::string problem;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (!problem.empty()) return false;
    if (depth > max_depth) problem = format("nested deeper than {} levels", max_depth);
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      problem = format("key {} appears twice", value.dump());
    return problem.empty();
  };
  Json json = Json::parse(text, watch, /*allow_exceptions=*/false);
  if (!problem.empty()) return invalid("not acceptable as JSON: {}", problem);
  if (json.is_discarded()) return invalid("not valid JSON");
  return json;
}

}  // namespace hone
