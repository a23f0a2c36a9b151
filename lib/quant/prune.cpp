// SPDX-License-Identifier: Apache-2.0
#include "lib/quant/prune.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

namespace hone {
namespace {

struct Layer {
  Value* weight;
  const Node* node;
  std::vector<float> values;  // a copy, pruned in place
  // The reduction axis as a strided run: element (o, i, r) is at o*outer + i*inner + r*step, r in [0, length).
  std::int64_t length = 1, step = 1;
};

bool depthwise(const Node& conv, const Dims& dims) { return conv.integer("group", 1) > 1 && dims[1] == 1; }

// The layer that this node's weight makes, or nothing.
std::optional<Layer> layer_of(Node& node) {
  Value* w = node.input(1);
  if (!w || !w->constant || w->constant->dtype() != DType::f32) return std::nullopt;
  const Dims& dims = w->constant->dims();
  const bool conv = node.is("Conv"), transposed = node.is("ConvTranspose");
  if ((conv || transposed) && (dims.size() < 3 || depthwise(node, dims))) return std::nullopt;
  if (!conv && !transposed && (!(node.is("Gemm") || node.is("MatMul")) || dims.size() < 2)) return std::nullopt;
  Layer layer{w, &node, w->constant->to_floats()};
  // Conv (out, in, spatial...): along in. ConvTranspose (in, out, ...): along in. Gemm (k, n) or (n, k); MatMul (..., k, n).
  std::size_t axis = conv ? 1 : transposed ? 0 : dims.size() - 2;
  if (node.is("Gemm") && node.integer("transB") != 0) axis = 1;
  layer.length = dims[axis];
  layer.step = count_of(std::span(dims).subspan(axis + 1));
  return layer;
}

void collect(Graph& graph, const PruneOptions& options, std::set<const Value*>& seen, std::vector<Layer>& layers) {
  for (Node* node : graph.nodes()) {
    node->each_body([&](Graph& body) { collect(body, options, seen, layers); });
    if (options.exclude && options.exclude(*node)) continue;
    auto layer = layer_of(*node);
    if (layer && seen.insert(layer->weight).second) layers.push_back(std::move(*layer));
  }
}

// Zeroes the `count` weights of smallest magnitude among all the layers given.
void zero_smallest(std::span<Layer* const> layers, std::int64_t count) {
  struct Entry {
    float magnitude;
    std::uint32_t layer;
    std::int64_t index;
    bool operator<(const Entry& o) const { return std::tie(magnitude, layer, index) < std::tie(o.magnitude, o.layer, o.index); }
  };
  std::vector<Entry> entries;
  for (std::uint32_t l = 0; l < layers.size(); ++l)
    for (std::size_t i = 0; i < layers[l]->values.size(); ++i)
      entries.push_back({std::isnan(layers[l]->values[i]) ? INFINITY : std::fabs(layers[l]->values[i]), l, static_cast<std::int64_t>(i)});
  std::nth_element(entries.begin(), entries.begin() + count, entries.end());
  for (std::int64_t i = 0; i < count; ++i) {
    const Entry& e = entries[static_cast<std::size_t>(i)];
    layers[e.layer]->values[static_cast<std::size_t>(e.index)] = 0;
  }
}

// Keeps the `keep` largest of every `of` consecutive weights along the reduction axis.
void zero_groups(Layer& layer, int keep, int of) {
  const auto total = static_cast<std::int64_t>(layer.values.size());
  const std::int64_t block = layer.length * layer.step;
  std::vector<std::int64_t> group(static_cast<std::size_t>(of));
  for (std::int64_t base = 0; base < total; base += block)
    for (std::int64_t inner = 0; inner < layer.step; ++inner)
      for (std::int64_t r = 0; r + of <= layer.length; r += of) {
        for (int j = 0; j < of; ++j) group[static_cast<std::size_t>(j)] = base + inner + (r + j) * layer.step;
        std::ranges::stable_sort(group, {}, [&](std::int64_t i) { return std::fabs(layer.values[static_cast<std::size_t>(i)]); });
        for (int j = 0; j < of - keep; ++j) layer.values[static_cast<std::size_t>(group[static_cast<std::size_t>(j)])] = 0;
      }
}

std::int64_t zeros(std::span<const float> values) { return std::ranges::count(values, 0.0f); }
std::int64_t share(double sparsity, std::size_t count) { return static_cast<std::int64_t>(std::floor(sparsity * static_cast<double>(count) + 1e-9)); }

}  // namespace

Result<std::vector<PrunedLayer>> prune(Model& model, const PruneOptions& options) {
  std::vector<Layer> layers;
  std::set<const Value*> seen;
  collect(*model.graph, options, seen, layers);
  if (options.of > 0) std::erase_if(layers, [&](const Layer& l) { return l.length % options.of != 0; });
  if (layers.empty() && options.of > 0)
    return invalid("no layer has a number of input channels divisible by {}; use --pattern unstructured", options.of);
  if (layers.empty()) return invalid("nothing to prune: no Conv, Gemm or MatMul with constant float32 weights is left after the exclusions");
  std::vector<PrunedLayer> report;
  for (const Layer& l : layers)
    report.push_back({l.weight->name, l.node->name.empty() ? l.node->op : l.node->name, static_cast<std::int64_t>(l.values.size()), zeros(l.values), 0});
  std::vector<Layer*> all;
  std::size_t total = 0;
  for (Layer& l : layers) all.push_back(&l), total += l.values.size();
  if (options.of > 0) {
    for (Layer& l : layers) zero_groups(l, options.keep, options.of);
  } else if (options.global) {
    zero_smallest(all, share(options.sparsity, total));
  } else {
    for (Layer* l : all) zero_smallest({&l, 1}, share(options.sparsity, l->values.size()));
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    report[i].zeros_after = zeros(layers[i].values);
    if (report[i].zeros_after == report[i].zeros_before) continue;  // untouched: keeps its bytes
    Value* weight = layers[i].weight;
    weight->graph->set_constant(weight, Tensor::of<float>(weight->constant->dims(), std::span<const float>(layers[i].values)));
  }
  return report;
}

}  // namespace hone
