// SPDX-License-Identifier: Apache-2.0
// Every pass inside bodies, over every golden test of the passes: wrapped in the branches of an If and in the body of a Loop (inputs, and
// then constants too, captured from outside) a pass still fires; when a body captures one of the values between its nodes, what the
// body reads stays right, which every fusion can only do by declining. Each rewrite is proven by execution.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "lib/base/file.h"
#include "lib/ir/text.h"
#include "lib/ops/infer.h"
#include "lib/ops/upgrade.h"
#include "lib/rewrite/pass.h"
#include "lib/rewrite/pattern.h"

namespace hone {
namespace {

struct Golden {
  std::string name;
  const Pass* pass;
  Model model;
};

std::vector<Golden> goldens() {
  std::vector<Golden> found;
  const char* source = std::getenv("HONE_SOURCE");
  EXPECT_TRUE(source) << "run by ctest, or set HONE_SOURCE to the source tree";
  if (!source) return found;
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(Path(source) / "tests/passes")) files.push_back(entry.path());
  std::ranges::sort(files);
  for (const Path& file : files) {
    std::string pass = file.stem().string();
    pass = pass.substr(0, pass.find('-'));
    std::ranges::replace(pass, '_', '-');
    const auto bytes = read_file(file);
    auto model = parse_text(as_text(*bytes).substr(0, as_text(*bytes).find("# EXPECT")));
    if (!find_pass(pass) || !model || !upgrade(*model) || !infer_shapes(*model->graph)) continue;
    found.push_back({file.stem().string(), find_pass(pass), std::move(*model)});
  }
  return found;
}

// The number of rewrites; the runner verifies the graph and proves that it computes the same.
int rewrites(Model& model, const Pass& pass, bool prove) {
  const auto report = run_pass(model, pass, {.prove = prove});
  EXPECT_TRUE(report) << report.error().message << '\n' << print(model);
  const bool proven = !report || !prove || report->rewrites == 0 || report->unproven.empty();
  EXPECT_TRUE(proven) << report->unproven << print(model);
  return report ? report->rewrites : 0;
}

// A copy of `graph` as a body in `outer`: its inputs are outer's of the same name, its constants too when asked.
GraphPtr body_of(const Graph& graph, Graph& outer, bool outer_constants) {
  GraphPtr body = graph.clone();
  for (Value* in : std::exchange(body->inputs, {})) {
    Value* from = outer.find(in->name);
    body->replace_uses(in, from);
    body->erase(in);
  }
  for (Value* v : body->values()) {
    if (!outer_constants || !v->constant) continue;
    Value* from = outer.constant(v->name, *v->constant);
    body->replace_uses(v, from);
    body->erase(v);
  }
  for (Value* v : body->values()) body->rename(v, outer.find(v->name) || body->is_output(v) ? "in_" + v->name : v->name + "_in");
  return body;
}

Model with_inputs_of(const Model& model) {
  Model m;
  m.opsets = model.opsets;
  m.ir_version = model.ir_version;
  for (const Value* in : model.graph->inputs) {
    Value* v = m.graph->input(in->name, in->dtype, in->shape);
    if (in->constant) m.graph->set_constant(v, *in->constant);
  }
  return m;
}

Model in_if(const Model& model, bool outer_constants) {
  Model m = with_inputs_of(model);
  Graph& g = *m.graph;
  Value* condition = g.input("which_branch", DType::boolean, Shape(std::vector<Dim>()));
  std::vector<Value*> outputs;
  for (const Value* v : model.graph->outputs) outputs.push_back(g.value(v->name + "_if", v->dtype));
  Node* node = g.add("If", "", {condition}, outputs);
  g.outputs = outputs;
  for (const char* branch : {"then_branch", "else_branch"}) {
    GraphPtr body = body_of(*model.graph, g, outer_constants);
    if (std::string_view(branch) == "else_branch")
      for (Value* v : body->values()) body->rename(v, v->name + "_else");
    g.attach(node, branch, std::move(body));
  }
  resolve(g);
  return m;
}

// Two rounds; every output is collected.
Model in_loop(const Model& model) {
  Model m = with_inputs_of(model);
  Graph& g = *m.graph;
  std::vector<Value*> outputs;
  for (const Value* v : model.graph->outputs) outputs.push_back(g.value(v->name + "_scan", v->dtype));
  Node* node = g.add("Loop", "", {g.constant("rounds", Tensor::scalar<std::int64_t>(2)), nullptr}, outputs);
  g.outputs = outputs;
  GraphPtr body = body_of(*model.graph, g, false);
  body->input("round", DType::i64, Shape(std::vector<Dim>()));
  Value* go_on = body->input("go_on", DType::boolean, Shape(std::vector<Dim>()));
  body->outputs.insert(body->outputs.begin(), go_on);
  g.attach(node, "body", std::move(body));
  resolve(g);
  return m;
}

bool returns_inputs_or_constants(const Graph& g) {
  return std::ranges::any_of(g.outputs, [](const Value* v) { return !v->producer; });
}

TEST(Bodies, EveryPassFiresInsideBranchesAndLoops) {
  std::set<std::string_view> fired;
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    Model plain = golden.model.clone();
    if (rewrites(plain, *golden.pass, false) == 0 || golden.pass->name == "drop-input-defaults") continue;
    // Where a main graph only has to keep a name, a body cannot return what it captured (can_replace): such cases may decline.
    const bool may_decline = returns_inputs_or_constants(*plain.graph) || golden.name == "drop_identity-output-of-input";
    for (int form = 0; form < 3; ++form) {
      SCOPED_TRACE(form == 0 ? "in If" : form == 1 ? "in If, constants outside" : "in Loop");
      Model m = form < 2 ? in_if(golden.model, form == 1) : in_loop(golden.model);
      ASSERT_TRUE(verify(*m.graph)) << verify(*m.graph).error().message << print(m);
      const int count = rewrites(m, *golden.pass, true);
      if (count > 0) fired.insert(golden.pass->name);
      EXPECT_TRUE(count > 0 || may_decline) << print(m);
    }
  }
  for (const Pass* pass : all_passes())
    EXPECT_TRUE(fired.contains(pass->name) || pass->name == "drop-input-defaults") << pass->name << " never fired in a body";
}

// An If at the end, both of whose branches read v: `direct` by returning it, else through a node.
Model capturing(const Model& model, std::string_view name, bool direct) {
  Model m = model.clone();
  Graph& g = *m.graph;
  Value* v = g.find(name);
  Value* condition = g.input("which_branch", DType::boolean, Shape(std::vector<Dim>()));
  Value* out = g.value("captured", v->dtype);
  Node* node = g.add("If", "", {condition}, {out});
  for (const char* branch : {"then_branch", "else_branch"}) {
    auto body = std::make_unique<Graph>();
    Graph* b = body.get();
    b->name = branch;
    g.attach(node, branch, std::move(body));
    if (direct) b->outputs = {v};
    else b->outputs = {b->add("Unsqueeze", "", {v, b->constant(std::string(branch) + "_axes", Tensor::vector<std::int64_t>(std::vector<std::int64_t>{0}))}, {b->value(std::string(branch) + "_out", v->dtype)})->outputs[0]};
  }
  g.outputs.push_back(out);
  resolve(g);
  return m;
}

TEST(Bodies, WhatABodyCapturesStaysAsItWas) {
  std::set<std::string_view> declined;
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    Model plain = golden.model.clone();
    const int base = rewrites(plain, *golden.pass, false);
    for (const Value* v : golden.model.graph->values()) {
      if (!v->producer || is_aggregate(v->dtype)) continue;
      SCOPED_TRACE(v->name);
      for (const bool direct : {false, true}) {
        Model m = capturing(golden.model, v->name, direct);
        ASSERT_TRUE(verify(*m.graph)) << verify(*m.graph).error().message << print(m);
        if (rewrites(m, *golden.pass, true) < base) declined.insert(golden.pass->name);
      }
    }
  }
  // A fusion of several nodes needs the values between them for itself.
  for (const Pass* pass : all_passes()) {
    const bool inner = std::ranges::any_of(pass->rules, [](const Rule& r) { return parse_pattern(r.pattern)->nodes.size() > 1; });
    EXPECT_TRUE(!inner || declined.contains(pass->name)) << pass->name << " never declined for a capture";
  }
}

}  // namespace
}  // namespace hone
