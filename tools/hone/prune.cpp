// SPDX-License-Identifier: Apache-2.0
// hone prune: zeroes the smallest weights, and says where they were.
#include "lib/quant/prune.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "lib/onnx/onnx.h"
#include "tools/hone/recipe.h"

namespace hone {
namespace {

// "unstructured", or "N:M" with 0 < N < M.
Status parse_pattern(std::string_view text, PruneOptions& options) {
  if (text == "unstructured") return Ok{};
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), text.data() + colon, options.keep);
    const auto second = std::from_chars(text.data() + colon + 1, end, options.of);
    if (first.ptr == text.data() + colon && second.ptr == end && options.keep > 0 && options.keep < options.of && options.of <= 64) return Ok{};
  }
  return usage_error("--pattern: '{}' is neither 'unstructured' nor N:M with 0 < N < M <= 64, such as 2:4", text);
}

std::string percent(std::int64_t part, std::int64_t whole) { return format("{:.1f} %", whole ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0.0); }

Status report(Console& console, std::span<const PrunedLayer> layers) {
  std::vector<std::vector<std::string>> rows{{"weight", "node", "weights", "zero before", "zero after"}};
  Json list = Json::array();
  std::int64_t count = 0, before = 0, after = 0;
  for (const PrunedLayer& l : layers) {
    rows.push_back({l.weight, l.node, format("{}", l.count), percent(l.zeros_before, l.count), percent(l.zeros_after, l.count)});
    list.push_back({{"weight", l.weight}, {"node", l.node}, {"count", l.count}, {"zeros_before", l.zeros_before}, {"zeros_after", l.zeros_after}});
    count += l.count, before += l.zeros_before, after += l.zeros_after;
  }
  rows.push_back({"total", "", format("{}", count), percent(before, count), percent(after, count)});
  console.table(rows);
  return console.json({{"schema", "hone/prune/1"}, {"count", count}, {"zeros_before", before}, {"zeros_after", after}, {"layers", list}});
}

Result<int> run(const Args& args) {
  PruneOptions options;
  CHECK_OK(parse_pattern(args.text("pattern"), options));
  if (options.of == 0 && !args.has("sparsity")) return usage_error("name the share of weights to zero with --sparsity, or --pattern N:M");
  if (options.of > 0 && args.has("sparsity")) return usage_error("--pattern {} sets the sparsity itself; leave --sparsity out", args.text("pattern"));
  if (options.of == 0) {
    TRY(options.sparsity, args.number("sparsity", 0, 0.999999));
  }
  const std::string scope = args.text("scope");
  if (scope != "global" && scope != "layer") return usage_error("--scope: '{}' is neither global nor layer", scope);
  options.global = scope == "global";
  const std::vector<std::string> excluded = args.list("exclude");
  std::set<std::string> unknown(excluded.begin(), excluded.end());
  options.exclude = [&](const Node& node) {
    const Value* weight = node.input(1);
    return std::ranges::any_of(excluded, [&](const std::string& name) {
      const bool meant = name == node.name || name == node.op || (weight && name == weight->name);
      if (meant) unknown.erase(name);
      return meant;
    });
  };
  TRY(const Path output, args.output());
  TRY(Model model, load_onnx(args.text("model")));
  TRY(const auto layers, prune(model, options).in(args.text("model")));
  if (!unknown.empty()) return usage_error("--exclude: no node, weight or operator of the model is called '{}'; 'hone inspect' lists what there is", *unknown.begin());
  Json recipe{{"pattern", args.text("pattern")}, {"scope", scope}};
  if (options.of == 0) recipe["sparsity"] = options.sparsity;
  if (!excluded.empty()) recipe["exclude"] = excluded;
  CHECK_OK(record_step(model, "prune", args.text("model"), recipe));
  CHECK_OK(save_onnx(model, output, {.overwrite = args.force()}));
  CHECK_OK(report(args.console(), layers));
  return 0;
}

constexpr Option options[] = {
    {"model", "MODEL", "an ONNX model; prune after 'hone optimize', when BatchNormalization is folded into the weights", "", true},
    {"--sparsity", "S", "share of the weights to zero, 0 to 1"},
    {"--pattern", "P", "unstructured, or N:M: N of every M weights along the input channels are kept", "unstructured"},
    {"--scope", "WHERE", "global: one threshold for the whole model; layer: the same share in each layer", "global"},
    {"--exclude", "NAME...", "a node, weight or operator to leave alone; may be repeated"},
};

}  // namespace

extern const Command prune_command{
    .name = "prune",
    .usage = "MODEL --sparsity S | --pattern N:M -o OUTPUT",
    .help = "zero the smallest weights, unstructured or N:M\nMagnitude pruning of Conv, Gemm and MatMul weights; depthwise weights and biases are left alone. "
            "The weights stay dense in the file: zeros make bundles and deltas smaller. Run 'hone eval' afterwards.",
    .options = options,
    .run = run};

}  // namespace hone
