// SPDX-License-Identifier: Apache-2.0
// The rewrite engine: the pattern language, what a match may be, edits that leave no trace when declined, passes that lie, and
// properties of every pass over every model at hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "lib/base/file.h"
#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/ops/infer.h"
#include "lib/ops/upgrade.h"
#include "lib/rewrite/matcher.h"
#include "lib/rewrite/pipelines.h"
#include "lib/rewrite/proof.h"

namespace hone {
namespace {

Model model_of(std::string_view text) {
  auto model = parse_text(text);
  EXPECT_TRUE(model) << model.error().message;
  EXPECT_TRUE(upgrade(*model));
  EXPECT_TRUE(infer_shapes(*model->graph));
  return std::move(*model);
}

Node* maker_of(const Model& model, std::string_view value) { return model.graph->find(value)->producer; }

bool matches(const Model& model, std::string_view pattern, std::string_view root, const Matcher::Accept& accept = [](const Match&) { return true; }) {
  const auto parsed = parse_pattern(pattern);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return Matcher(*parsed).match(maker_of(model, root), accept);
}

TEST(Pattern, ErrorsNameTheLineAndWhatIsWrong) {
  const auto message = [](std::string_view text) {
    const auto p = parse_pattern(text);
    return p ? std::string("accepted") : p.error().message;
  };
  EXPECT_EQ(message(""), "the pattern has no line");
  EXPECT_EQ(message("y Relu (x)"), "pattern line 1: expected '=' at 'Relu (x)'");
  EXPECT_EQ(message("t = Relu (x)\ny = (t)"), "pattern line 2: expected an operator at '(t)'");
  EXPECT_EQ(message("y = Relu (x"), "pattern line 1: expected ',' or ')' at ''");
  EXPECT_EQ(message("y = Relu <alpha = > (x)"), "pattern line 1: expected a number, a string or a list at '> (x)'");
  EXPECT_EQ(message("y = Relu <a = \"b> (x)"), "pattern line 1: a closing '\"' is missing");
  EXPECT_EQ(message("y = Relu <a = [1, > (x)"), "pattern line 1: expected a number, a string or a list at '> (x)'");
  EXPECT_EQ(message("t = Relu (x)\nu = Abs (x)\ny = Neg (u)"), "pattern line 1: no later line uses 't'");
  EXPECT_EQ(message("t = Relu (y)\ny = Neg (t)"), "pattern line 1: 'y' is used before it is made");
  EXPECT_EQ(message("t = Relu (x)\nt = Neg (t)"), "pattern line 2: 't' is made twice");
  EXPECT_EQ(message("t = Relu (x)\ny = Neg (const t)"), "pattern line 2: 't' is made by a line: neither const nor optional");
}

TEST(Pattern, EveryPassOfTheTableParses) {
  for (const Pass* pass : all_passes())
    for (const Rule& rule : pass->rules) {
      const auto p = parse_pattern(rule.pattern);
      EXPECT_TRUE(p) << pass->name << ": " << p.error().message;
    }
}

constexpr std::string_view small = R"(<ir_version: 8, opset_import: ["" : 17]>
m (float[2] x, float[2] z) => (float[2] y, float[2] shown) <float[2] c = {1, 2}>
{
  a = Add (c, x)
  b = Mul (a, z)
  d = LeakyRelu (b)
  e = Sub (d, d)
  shown = Abs (e)
  f = Neg (shown)
  y = Clip (f)
})";

TEST(Matcher, CommutativeOperatorsMatchInEitherOrder) {
  const Model m = model_of(small);
  EXPECT_TRUE(matches(m, "p = Add (q, const w)", "a"));
  EXPECT_TRUE(matches(m, "p = Add (const w, q)", "a"));
  EXPECT_TRUE(matches(m, "t = Add (q, const w)\n p = Mul (r, t)", "b"));
  EXPECT_FALSE(matches(m, "p = Add (const v, const w)", "a"));
  EXPECT_FALSE(matches(m, "t = LeakyRelu (q)\n p = Sub (t, r)\n z = Exp (p)", "e"));
  // Both orders are offered until one is accepted.
  std::vector<std::string> first;
  EXPECT_FALSE(matches(m, "p = Mul (q, r)", "b", [&](const Match& match) { return first.push_back(match.value("q")->name), false; }));
  EXPECT_EQ(first, (std::vector<std::string>{"a", "z"}));
}

TEST(Matcher, ARepeatedNameIsTheSameValue) {
  const Model m = model_of(small);
  EXPECT_TRUE(matches(m, "p = Sub (q, q)", "e"));
  EXPECT_FALSE(matches(m, "p = Mul (q, q)", "b"));
  EXPECT_TRUE(matches(m, "t = LeakyRelu (q)\n p = Sub (t, t)", "e"));  // used twice, but inside
}

TEST(Matcher, OptionalInputsAndAlternatives) {
  const Model m = model_of(small);
  EXPECT_TRUE(matches(m, "p = Clip (q, low?, const high?)", "y", [](const Match& match) { return !match.value("low") && !match.constant("high"); }));
  EXPECT_FALSE(matches(m, "p = Clip (q, low)", "y"));
  EXPECT_TRUE(matches(m, "p = Exp|Abs (q)", "shown"));
  EXPECT_FALSE(matches(m, "p = Exp|Neg (q)", "shown"));
  EXPECT_FALSE(matches(m, "p = com.microsoft.Abs (q)", "shown"));
}

TEST(Matcher, AttributesWithTheirDefaults) {
  const Model m = model_of(small);
  EXPECT_TRUE(matches(m, "p = LeakyRelu <alpha = 0.01> (q)", "d"));
  EXPECT_FALSE(matches(m, "p = LeakyRelu <alpha = 0.02> (q)", "d"));
  EXPECT_FALSE(matches(m, "p = LeakyRelu <beta = 0.01> (q)", "d"));
  const Model t = model_of("m (float[2,3] x) => (float[3,2] y) { y = Transpose <perm = [1, 0]> (x) }");
  EXPECT_TRUE(matches(t, "p = Transpose <perm = [1, 0]> (q)", "y"));
  EXPECT_FALSE(matches(t, "p = Transpose <perm = [0, 1]> (q)", "y"));
}

TEST(Matcher, InnerValuesBelongToThePatternAlone) {
  const Model m = model_of(small);
  EXPECT_TRUE(matches(m, "t = Sub (q, r)\n p = Abs (t)", "shown"));
  EXPECT_FALSE(matches(m, "t = Abs (q)\n p = Neg (t)", "f"));  // t is a graph output
  const Model body = model_of(R"(m (bool c, float[2] x) => (float[2] y) {
    t = Relu (x)
    u = Abs (t)
    y = If (c) <then_branch = a () => (float[2] p) { p = Neg (t) }, else_branch = b () => (float[2] q) { q = Identity (u) }>
  })");
  EXPECT_FALSE(matches(body, "t = Relu (q)\n p = Abs (t)", "u"));  // a body uses t too
}

TEST(Edit, ADeclinedRuleLeavesNoTrace) {
  static constexpr Rule rules[] = {{"y = Abs (x)", [](const Match& m, Edit& edit) {
                                      Value* c = edit.constant(m.value("x"), Tensor::scalar<float>(1));
                                      Node* n = edit.add("Add", {m.value("x"), c}, "n");
                                      edit.set_attribute(m.maker("y"), "wrong", std::int64_t{1});
                                      edit.set_input(m.maker("y"), 0, n->outputs[0]);
                                      edit.replace(m.value("y"), n->outputs[0]);
                                      return false;
                                    }}};
  const Pass pass{.name = "decliner", .help = "", .rules = rules};
  Model m = model_of(small);
  const std::string before = print(m);
  const auto report = run_pass(m, pass);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->rewrites, 0);
  EXPECT_EQ(print(m), before);
}

TEST(Edit, AGraphOutputKeepsItsName) {
  static constexpr Rule rules[] = {{"y = Abs (x)", [](const Match& m, Edit& edit) {
                                      return edit.replace(m.value("y"), edit.add("Relu", {m.value("x")}, "other")->outputs[0]);
                                    }}};
  Model m = model_of("m (float[2] x) => (float[2] y) { y = Abs (x) }");
  const auto report = run_pass(m, {.name = "to-relu", .help = "", .rules = rules}, {.prove = false});
  ASSERT_TRUE(report);
  EXPECT_EQ(m.graph->outputs[0]->name, "y");
  EXPECT_EQ(m.graph->nodes().size(), 1u);
  EXPECT_EQ(m.graph->nodes()[0]->op, "Relu");
}

TEST(Runner, ALyingPassIsCaught) {
  Model m = model_of(small);
  [[maybe_unused]] const Pass silent{.name = "silent", .help = "", .run = [](Graph& g) -> Result<int> { return g.rename(g.find("a"), "renamed"), 0; }};
#ifndef NDEBUG  // otherwise the comparison is made only with HONE_PASS_DEBUG
  const auto said_nothing = run_pass(m, silent);
  ASSERT_FALSE(said_nothing);
  EXPECT_EQ(said_nothing.error().code, Code::bug);
  EXPECT_NE(said_nothing.error().message.find("pass 'silent' changed the model and did not say so"), std::string::npos);
#endif

  const Pass breaker{.name = "breaker", .help = "", .run = [](Graph& g) -> Result<int> { return g.outputs.push_back(nullptr), 1; }};
  m = model_of(small);
  const auto broken = run_pass(m, breaker);
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("pass 'breaker' broke the model"), std::string::npos);
  EXPECT_NE(broken.error().message.find("hone opt --pass breaker --print-before breaker"), std::string::npos);
}

TEST(Runner, ShapesThatContradictEachOtherAreTheModelsFault) {
  Model m = model_of("m (float[B] x, int64[1] s) => (float[1] t, float[2] z) { t = Reshape (x, s) u = Reshape (x, s) z = Abs (u) }");
  const auto report = run_pass(m, *find_pass("merge-common"));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::invalid);
  EXPECT_NE(report.error().message.find("output 'z' is declared 2 but its shape is 1"), std::string::npos) << report.error().message;
}

TEST(Runner, AShapeThatRunsDoNotHaveIsTheModelsFault) {
  Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]> m (float[?,?,4] x) => (float[?,1,?,4] y)
      <int64[1] axis = {2}, int64[4] shape = {0, 0, 0, 0}> { t = Unsqueeze (x, axis) y = Reshape (t, shape) })");
  const auto report = run_pass(m, *find_pass("merge-reshape"));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::invalid);
  EXPECT_NE(report.error().message.find("as merge-reshape finds: output 'y' has shape"), std::string::npos) << report.error().message;
}

TEST(Runner, AWrongShapeIsThePassesFault) {
  static constexpr Rule rules[] = {{"y = Relu (x)", [](const Match& m, Edit& edit) {
                                      return edit.replace(m.value("y"), edit.add("Concat", {m.value("x"), m.value("x")}, "twice")->outputs[0]);
                                    }}};
  Model m = model_of("m (float[2] x) => (float[2] z) { t = Relu (x) z = Abs (t) }");
  const auto report = run_pass(m, {.name = "doubler", .help = "", .rules = rules});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::bug);
  EXPECT_NE(report.error().message.find("pass 'doubler' broke the model"), std::string::npos) << report.error().message;
}

TEST(Runner, AWrongRewriteIsCaughtAndTheCulpritNamed) {
  static constexpr Rule wrong[] = {{"y = Sub (x, x)", [](const Match& m, Edit& edit) { return edit.replace(m.value("y"), m.value("x")); }}};
  const Pass culprit{.name = "culprit", .help = "", .rules = wrong};
  const Pass* passes[] = {find_pass("merge-common"), &culprit, find_pass("drop-identity"), find_pass("drop-dead")};
  Model m = model_of(small);
  const auto result = run_passes(m, passes);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::bug);
  EXPECT_NE(result.error().message.find("pass 'culprit' changed what the model computes: output 'y' differs"), std::string::npos) << result.error().message;
}

TEST(Runner, RulesThatUndoEachOtherEnd) {
  static constexpr Rule rules[] = {{"y = Add (a, b)", [](const Match& m, Edit& edit) {
                                      edit.set_input(m.maker("y"), 0, m.value("b"));
                                      edit.set_input(m.maker("y"), 1, m.value("a"));
                                      return true;
                                    }}};
  Model m = model_of(small);
  const auto result = run_pass(m, {.name = "swapper", .help = "", .rules = rules});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("rewrites without end"), std::string::npos);
}

TEST(Runner, UnknownNamesAreCorrected) {
  const std::vector<std::string> names{"fuse-conv-bm"};
  const auto passes = find_passes(names);
  ASSERT_FALSE(passes);
  EXPECT_NE(passes.error().message.find("did you mean 'fuse-conv-bn'"), std::string::npos);
  Model m = model_of(small);
  EXPECT_FALSE(run_pipeline(m, "nonsense"));
}

TEST(Proof, RandomInputsAreTheSameEveryTime) {
  const Model m = model_of(small);
  const auto a = random_inputs(*m.graph, {.seed = 7, .runs = 1, .approximate = false}, 0);
  const auto b = random_inputs(*m.graph, {.seed = 7, .runs = 1, .approximate = false}, 0);
  ASSERT_EQ(a.size(), 2u);
  EXPECT_TRUE(identical(a.at("x"), b.at("x")));
  EXPECT_FALSE(identical(a.at("x"), a.at("z")));
}

TEST(Pipelines, NameKnownPassesOnceAndEveryPassButOneIsInOne) {
  std::vector<std::string_view> named;
  for (const Pipeline& p : all_pipelines()) {
    std::vector<std::string_view> passes(p.passes.begin(), p.passes.end());
    for (const std::string_view pass : passes) EXPECT_TRUE(find_pass(pass)) << p.name << ": " << pass;
    named.insert(named.end(), passes.begin(), passes.end());
    std::ranges::sort(passes);
    EXPECT_EQ(std::ranges::adjacent_find(passes), passes.end()) << p.name;
  }
  for (const Pass* pass : all_passes()) EXPECT_EQ(std::ranges::find(named, pass->name) == named.end(), pass->name == "fuse-silu") << pass->name;
  const auto clean = std::ranges::find(all_pipelines(), "clean", &Pipeline::name);
  ASSERT_NE(clean, all_pipelines().end());
  for (const std::string_view pass : clean->passes) EXPECT_FALSE(find_pass(pass)->approximate) << pass;
}

// Nodes and bytes of constants; a node counts as the 256 bytes that it may be traded for.
std::size_t weight(const Graph& graph) {
  std::size_t total = 0;
  for (const Value* v : graph.values())
    if (v->constant) total += v->constant->bytes().size();
  for (const Node* n : graph.nodes()) {
    total += 256;
    n->each_body([&](const Graph& body) { total += weight(body); });
  }
  return total;
}
std::size_t nodes(const Graph& graph) {
  std::size_t total = graph.nodes().size();
  for (const Node* n : graph.nodes()) n->each_body([&](const Graph& body) { total += nodes(body); });
  return total;
}

void expect_properties(const Model& model, const std::string& name) {
  for (const Pass* pass : all_passes()) {
    Model m = model.clone();
    ASSERT_TRUE(infer_shapes(*m.graph)) << name;
    const std::size_t nodes_before = nodes(*m.graph), weight_before = weight(*m.graph);
    const auto once = run_pass(m, *pass, {.prove = false});
    ASSERT_TRUE(once) << name << ": " << once.error().message;
    if (!pass->name.starts_with("expand-")) {  // these spell one node out as several
      EXPECT_LE(nodes(*m.graph), nodes_before) << pass->name << " grew " << name;
      EXPECT_LE(weight(*m.graph), weight_before) << pass->name << " grew " << name;
    }
    if (once->rewrites == 0) continue;
    const std::string text = print(m);
    const auto twice = run_pass(m, *pass, {.prove = false});
    ASSERT_TRUE(twice) << name << ": " << twice.error().message;
    EXPECT_EQ(twice->rewrites, 0) << pass->name << " is not idempotent on " << name;
    EXPECT_EQ(print(m), text) << pass->name << " on " << name;
  }
}

TEST(Passes, IdempotentAndNeverGrowingOverTheGoldenTests) {
  const char* source = std::getenv("HONE_SOURCE");
  ASSERT_TRUE(source) << "run by ctest, or set HONE_SOURCE to the source tree";
  int models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(Path(source) / "tests/passes")) {
    const auto bytes = read_file(entry.path());
    ASSERT_TRUE(bytes);
    const std::string_view text = as_text(*bytes);
    auto model = parse_text(text.substr(0, text.find("# EXPECT")));
    if (!model || !upgrade(*model)) continue;  // a case about input that is refused
    expect_properties(*model, entry.path().filename().string());
    ++models;
  }
  EXPECT_GT(models, 40);
}

TEST(Passes, IdempotentAndNeverGrowingOverTheSharedModels) {
  const char* source = std::getenv("HONE_SOURCE");
  const char* shared = std::getenv("HONE_SHARED");
  const Path folder = (shared ? Path(shared) : Path(source ? source : ".").parent_path() / "shared") / "models";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "needs ../shared/models: all";
  for (const char* kind : {"trained", "real"})
    for (const auto& entry : std::filesystem::directory_iterator(folder / kind)) {
      const Path file = entry.path() / "model.onnx";
      if (!std::filesystem::exists(file)) continue;
      auto model = load_onnx(file);
      ASSERT_TRUE(model) << file << ": " << model.error().message;
      expect_properties(*model, entry.path().filename().string());
    }
}

}  // namespace
}  // namespace hone
