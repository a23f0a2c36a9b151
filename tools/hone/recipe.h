// SPDX-License-Identifier: Apache-2.0
// How a model came to be: each command that changes its weights or nodes adds a step to a list in the model's metadata, with its options as resolved
// and the SHA-256 of what it was given; hone pack lifts the list into the provenance of a release.
#pragma once
#include "lib/base/hash.h"
#include "lib/base/json.h"
#include "lib/ir/graph.h"
#include "tools/cli/command.h"

namespace hone {

constexpr std::string_view recipe_key = "hone.recipe";

// The steps recorded so far; an empty list when there are none, or something else is written there.
inline Json recipe_of(std::span<const std::pair<std::string, std::string>> metadata) {
  for (const auto& [key, text] : metadata) {
    if (key != recipe_key || text.size() > (std::size_t{1} << 16)) continue;
    const auto steps = parse_json(text);
    if (steps && steps->is_array()) return *steps;
  }
  return Json::array();
}

// `options` follow what every step has: its name, the version, and the file it was made from (when that is not standard input).
inline Status record_step(Model& model, std::string_view command, const Path& source, const Json& options) {
  Json step{{"step", command}, {"hone", hone_version()}};
  if (source != "-") {
    TRY(const SharedBytes bytes, map_file(source));
    step["input_sha256"] = to_hex(sha256(bytes.bytes));
  }
  step.update(options);
  Json steps = recipe_of(model.metadata);
  steps.push_back(std::move(step));
  std::erase_if(model.metadata, [](const auto& entry) { return entry.first == recipe_key; });
  model.metadata.emplace_back(recipe_key, steps.dump(-1, ' ', false, Json::error_handler_t::replace));
  return Ok{};
}

}  // namespace hone
