// SPDX-License-Identifier: Apache-2.0
// --shape NAME:DIMS, which several commands take.
#pragma once
#include <algorithm>
#include <charconv>

#include "lib/base/closest.h"
#include "lib/ir/graph.h"

namespace hone {

// "input:1x3x224x224": that input of the graph, and the dimensions.
inline Result<std::pair<const Value*, Dims>> parse_shape(const std::string& text, const Graph& graph) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return usage_error("--shape: '{}' is not NAME:1x3x224x224", text);
  const std::string name = text.substr(0, colon);
  std::vector<std::string> names;
  const Value* input = nullptr;
  for (const Value* v : graph.inputs) {
    names.push_back(v->name);
    if (v->name == name) input = v;
  }
  if (!input) {
    const std::string meant = closest(name, names);
    return usage_error("--shape: the model has no input '{}'{}", name, meant.empty() ? format("; it has {}", fmt::join(names, ", ")) : format("; did you mean '{}'?", meant));
  }
  Dims dims;
  for (const char *at = text.data() + colon + 1, *end = text.data() + text.size(); at < end; ++at) {
    std::int64_t d = -1;
    const auto [next, code] = std::from_chars(at, end, d);
    if (code != std::errc() || d < 0 || (next != end && (*next != 'x' || next + 1 == end))) return usage_error("--shape: '{}' is not NAME:1x3x224x224", text);
    dims.push_back(d);
    at = next;
  }
  const bool fits = !input->shape.ranked || (input->shape.rank() == dims.size() && std::ranges::equal(input->shape.dims, dims, [](const Dim& d, std::int64_t n) { return !d.known() || d.value == n; }));
  if (!fits) return usage_error("--shape: input '{}' is declared {}, which {} is not", name, to_string(input->shape), to_string(dims));
  return std::pair(input, std::move(dims));
}

// Gives `input` these dimensions for good: what its symbols stood for holds everywhere.
inline void fix_shape(Graph& graph, const Value* input, const Dims& dims) {
  std::map<std::string, std::int64_t> numbers;
  for (std::size_t i = 0; i < dims.size() && input->shape.ranked; ++i)
    if (!input->shape.dims[i].symbol.empty()) numbers[input->shape.dims[i].symbol] = dims[i];
  const std::function<void(Graph&)> replace = [&](Graph& g) {
    for (Value* v : g.values())
      for (Dim& d : v->shape.dims)
        if (const auto it = numbers.find(d.symbol); !d.known() && it != numbers.end()) d = Dim(it->second);
    for (Node* node : g.nodes()) node->each_body(replace);
  };
  replace(graph);
  for (Value* v : graph.inputs)
    if (v == input) v->shape = Shape::of(dims);
}

}  // namespace hone
