// SPDX-License-Identifier: Apache-2.0
// hone optimize: a pipeline of passes over an ONNX file, with the operators before and after.
#include <algorithm>
#include <set>

#include "lib/onnx/onnx.h"
#include "tools/hone/passes.h"
#include "tools/hone/recipe.h"
#include "tools/hone/shapes.h"

namespace hone {
namespace {

struct Census {
  std::map<std::string, int> ops;
  int nodes = 0;
  std::size_t constant_bytes = 0;
};

void count(const Graph& graph, Census& census) {
  for (const Value* v : graph.values())
    if (v->constant) census.constant_bytes += v->constant->bytes().size();
  for (const Node* n : graph.nodes()) {
    ++census.ops[n->domain.empty() ? n->op : n->domain + "." + n->op];
    ++census.nodes;
    n->each_body([&](const Graph& body) { count(body, census); });
  }
}
Census census_of(const Model& model) {
  Census census;
  count(*model.graph, census);
  return census;
}

// Types that the file did not declare are not written either: they would only make it larger.
void collect_declared(const Graph& graph, std::set<std::string>& names) {
  for (const Value* v : graph.values())
    if (v->dtype != DType::undefined) names.insert(v->name);
  for (const Node* n : graph.nodes()) n->each_body([&](const Graph& body) { collect_declared(body, names); });
}
void forget_inferred(const Graph& graph, const std::set<std::string>& declared) {
  for (Value* v : graph.values()) {
    const bool interface = v->constant || std::ranges::find(graph.inputs, v) != graph.inputs.end() || graph.is_output(v);
    if (!interface && !declared.contains(v->name)) v->dtype = DType::undefined, v->shape = {}, v->element = nullptr;
  }
  for (const Node* n : graph.nodes()) n->each_body([&](const Graph& body) { forget_inferred(body, declared); });
}

void say_ops(Console& console, const Census& before, const Census& after) {
  std::vector<std::vector<std::string>> rows{{"operator", "before", "after"}};
  std::set<std::string> names;
  for (const auto& [op, n] : before.ops) names.insert(op);
  for (const auto& [op, n] : after.ops) names.insert(op);
  const auto of = [](const Census& c, const std::string& op) { return c.ops.contains(op) ? fmt::to_string(c.ops.at(op)) : "-"; };
  for (const std::string& op : names) rows.push_back({op, of(before, op), of(after, op)});
  rows.push_back({"all nodes", fmt::to_string(before.nodes), fmt::to_string(after.nodes)});
  console.table(rows);
}

Json describe(const Census& census) {
  Json ops = Json::object();
  for (const auto& [op, n] : census.ops) ops[op] = n;
  return {{"nodes", census.nodes}, {"constant_bytes", census.constant_bytes}, {"operators", ops}};
}

Result<int> run(const Args& args) {
  const Path path = args.text("model");
  TRY(const Path output, args.output());
  TRY(Model model, load_onnx(path));
  TRY(auto passes, chosen_passes(args, "optimize"));
  const std::vector<std::string> skipped = args.list("skip");
  CHECK_OK(find_passes(skipped));
  std::erase_if(passes, [&](const Pass* p) { return std::ranges::find(skipped, p->name) != skipped.end(); });
  const Census before = census_of(model);
  std::set<std::string> declared;
  collect_declared(*model.graph, declared);
  RunOptions options = run_options(args);
  options.prove = !args.flag("no-verify");
  for (const std::string& text : args.list("shape")) {
    TRY(const auto shape, parse_shape(text, *model.graph));
    fix_shape(*model.graph, shape.first, shape.second);
  }
  for (const std::string& text : args.list("verify-shape")) {
    TRY(auto shape, parse_shape(text, *model.graph));
    options.shapes[shape.first->name] = std::move(shape.second);
  }
  TRY(const auto reports, run_passes(model, passes, options).in(path.string()));
  const Census after = census_of(model);
  forget_inferred(*model.graph, declared);
  Json recipe = Json::object();
  if (!args.has("pass")) recipe["pipeline"] = args.text("pipeline");
  for (const char* option : {"pass", "skip", "shape"})
    if (args.has(option)) recipe[option] = args.list(option);
  CHECK_OK(record_step(model, "optimize", path, recipe));
  CHECK_OK(save_onnx(model, output, {.overwrite = args.force(), .external_data = args.flag("external-data")}));

  Console& console = args.console();
  say_ops(console, before, after);
  Json list = Json::array();
  for (const PassReport& r : reports) {
    if (r.rewrites > 0) console.say("{:24} {:5} rewrite{}", r.name, r.rewrites, r.rewrites == 1 ? "" : "s");
    list.push_back({{"name", r.name}, {"rewrites", r.rewrites}, {"seconds", r.seconds}});
  }
  if (args.flag("time")) say_times(console, reports);
  const std::string unproven = reports.empty() ? "" : reports[0].unproven;
  const bool changed = std::ranges::any_of(reports, [](const PassReport& r) { return r.rewrites > 0; });
  if (!unproven.empty()) console.warn("not proven by execution: {}", unproven);
  console.say("{} to {} nodes, weights {} to {}{}", before.nodes, after.nodes, human_bytes(before.constant_bytes), human_bytes(after.constant_bytes),
              !options.prove ? "; not verified (--no-verify)" : changed && unproven.empty() ? "; same outputs on random inputs" : "");
  CHECK_OK(console.json({{"schema", "hone/optimize/1"}, {"before", describe(before)}, {"after", describe(after)}, {"passes", list},
                         {"verified", options.prove && unproven.empty()}, {"unverified_because", unproven}}));
  return 0;
}

constexpr Option options[] = {
    {"model", "MODEL", "an ONNX file", "", true},
    {"--pipeline", "NAME", "optimize, clean or quantize-prepare ('hone passes' lists them)", "optimize"},
    {"--pass", "NAME,...", "only these passes, in this order"},
    {"--skip", "NAME...", "a pass to leave out; may be repeated"},
    {"--shape", "NAME:DIMS...", "fixes the shape of an input in the model, as in input:1x3x224x224; may be repeated"},
    {"--verify-shape", "NAME:DIMS...", "the shape of an input in the run that verifies, where a guess does not fit; may be repeated"},
    {"--no-verify", "", "do not run the model before and after on random inputs"},
    {"--external-data", "", "weights of 1 KiB and more go to OUTPUT.data; by itself past 1.5 GB"},
    {"--print-before", "NAME,...", "print the model before these passes (* for all) to standard error"},
    {"--print-after", "NAME,...", "and after"},
    {"--time", "", "print what each pass did and how long it took to standard error"},
};

}  // namespace

extern const Command optimize_command{
    .name = "optimize", .usage = "MODEL -o OUTPUT",
    .help = "clean up, fold and fuse a model\n"
            "Prints the operators before and after and the rewrites of each pass. The result is run against the original on seeded\n"
            "random inputs; a difference is an error that names the pass. No model gets larger, in nodes or in bytes, but for the line\n"
            "of metadata that tells how it was made.",
    .options = options, .run = run};

}  // namespace hone
