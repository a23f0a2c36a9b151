// SPDX-License-Identifier: Apache-2.0
// Tensors named on a command line: FILE.npy for a model's only input or output, NAME=FILE.npy for one of several.
#pragma once
#include "lib/data/npy.h"
#include "lib/ops/interpreter.h"
#include "tools/cli/command.h"

namespace hone {

inline Result<Tensor> read_npy(const Path& path) {
  if (path == "-") {
    TRY(auto bytes, read_file(path));
    const SharedBytes input = share(std::move(bytes));
    return parse_npy(input.bytes, input.owner).in("standard input");
  }
  TRY(SharedBytes bytes, map_file(path));
  return parse_npy(bytes.bytes, bytes.owner).in(path.string());
}

// The value meant by "FILE" or "NAME=FILE", and the file. REQUIRES: names is not empty.
inline Result<std::pair<std::string, Path>> named_file(const std::string& text, const std::vector<std::string>& names, std::string_view what) {
  const std::size_t equals = text.find('=');
  std::error_code ignored;
  if (equals != std::string::npos && !std::filesystem::exists(text, ignored)) return std::pair(text.substr(0, equals), Path(text.substr(equals + 1)));
  if (names.size() != 1) return usage_error("{}: which {}? Write NAME={}; the model has {}", text, what, text, fmt::join(names, ", "));
  return std::pair(names[0], Path(text));
}

inline std::vector<std::string> fed_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Value* v : graph.inputs)
    if (!v->constant) names.push_back(v->name);
  return names;
}

// `name` gets its tensor; one that it has already would silently win or lose.
inline Status add_input(const std::string& name, Tensor tensor, const std::string& from, NamedTensors& inputs) {
  if (!inputs.try_emplace(name, std::move(tensor)).second) return usage_error("input '{}' is given twice, the second time by {}", name, from);
  return Ok{};
}

inline Status add_npy_input(const std::string& text, const Graph& graph, NamedTensors& inputs) {
  TRY(const auto named, named_file(text, fed_names(graph), "input"));
  TRY(Tensor tensor, read_npy(named.second));
  return add_input(named.first, std::move(tensor), text, inputs);
}

}  // namespace hone
