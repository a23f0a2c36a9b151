// SPDX-License-Identifier: Apache-2.0
// Random data for bench, compare and quantize: what --shape says of them.
#pragma once
#include <ranges>

#include "lib/data/dataset.h"
#include "tools/cli/command.h"
#include "tools/hone/shapes.h"

namespace hone {

inline constexpr Option noise_shape_option{"--shape", "NAME:DIMS...", "random data of this shape for an input, as in input:1x3x224x224, where the model leaves sizes open; may be repeated"};

// Tells that sizes which the model leaves open count as 1 in random data, unless --shape gives some.
inline void note_open_sizes(const Args& args, const std::string& source, const Graph& graph) {
  const auto open = [](const Value* v) { return std::ranges::any_of(v->shape.dims | std::views::drop(1), [](const Dim& d) { return !d.known(); }); };
  if (source == "random" && !args.has("shape") && std::ranges::any_of(fed_inputs(graph), open)) args.console().note("a dynamic size counts as 1; --shape NAME:DIMS gives others");
}

// The data of `source`: as many random samples as asked for where it is "random", else what `options` leave of a file.
inline Result<Dataset> data_or_noise(const Args& args, const std::string& source, const Graph& graph, std::int64_t samples, const DatasetOptions& options) {
  if (source != "random") {
    if (args.has("shape")) return usage_error("--shape is for random data, '{}' has its own shapes; leave --shape out", source);
    return Dataset::open(source, graph, options);
  }
  std::map<std::string, Dims> shapes;
  for (const std::string& text : args.list("shape")) {
    TRY(auto shape, parse_shape(text, graph));
    shapes[shape.first->name] = std::move(shape.second);
  }
  return Dataset::random(graph, samples, args.seed(), shapes);
}

}  // namespace hone
