// SPDX-License-Identifier: Apache-2.0
#include "lib/onnx/test_data.h"

#include <algorithm>
#include <charconv>

#include "lib/onnx/onnx.h"

namespace hone {
namespace {

// The number after `prefix` in "prefix12suffix".
std::optional<int> number_in(const std::string& name, std::string_view prefix, std::string_view suffix) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix) || name.size() < prefix.size() + suffix.size()) return std::nullopt;
  const char* first = name.data() + prefix.size();
  const char* last = name.data() + name.size() - suffix.size();
  int value = 0;
  const auto [end, code] = std::from_chars(first, last, value);
  if (code != std::errc() || end != last) return std::nullopt;
  return value;
}

// The entries of `folder` whose names have a number between prefix and suffix, in its order.
std::vector<Path> numbered(const Path& folder, std::string_view prefix, std::string_view suffix) {
  std::vector<std::pair<int, Path>> found;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (const auto n = number_in(it->path().filename().string(), prefix, suffix)) found.emplace_back(*n, it->path());
  std::ranges::sort(found);
  std::vector<Path> paths;
  for (auto& [n, path] : found) paths.push_back(std::move(path));
  return paths;
}

// ONNX's own test data store bfloat16 as uint16.
Tensor as_declared(Tensor t, const Value& v) {
  if (v.dtype != DType::bf16 || t.dtype() != DType::u16) return t;
  return std::move(Tensor::view(DType::bf16, t.dims(), t.bytes(), t.owner())).value();
}

Result<Tensor> read_value(const Path& file, const Value& v) {
  TRY(const std::vector<std::byte> bytes, read_file(file));
  TRY(Tensor t, parse_value(bytes, v.dtype).in(file.string()));
  return as_declared(std::move(t), v);
}

}  // namespace

std::vector<Path> find_test_sets(const Path& folder) {
  std::vector<Path> sets = numbered(folder, "test_data_set_", "");
  if (sets.empty() && (!numbered(folder, "input_", ".pb").empty() || !numbered(folder, "output_", ".pb").empty())) sets.push_back(folder);
  return sets;
}

Result<TestSet> read_test_set(const Path& folder, const Graph& graph) {
  const std::vector<Path> inputs = numbered(folder, "input_", ".pb"), outputs = numbered(folder, "output_", ".pb");
  std::vector<const Value*> fed(graph.inputs.begin(), graph.inputs.end());
  if (inputs.size() != fed.size()) std::erase_if(fed, [](const Value* v) { return v->constant.has_value(); });
  if (inputs.size() != fed.size()) return invalid("{}: {} input files, the model has {} inputs", folder.string(), inputs.size(), fed.size());
  if (outputs.size() != graph.outputs.size())
    return invalid("{}: {} output files, the model has {} outputs", folder.string(), outputs.size(), graph.outputs.size());
  TestSet set;
  for (std::size_t i = 0; i < fed.size(); ++i) {
    TRY(Tensor t, read_value(inputs[i], *fed[i]));
    set.inputs.emplace(fed[i]->name, std::move(t));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    TRY(Tensor t, read_value(outputs[i], *graph.outputs[i]));
    set.outputs.push_back(std::move(t));
  }
  return set;
}

}  // namespace hone
