// SPDX-License-Identifier: Apache-2.0
// Shape inference: symbols, contents of shape computations, folding, branches, loops, declared against inferred.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/ops/infer.h"
#include "lib/ops/interpreter.h"
#include "lib/ops/schema.h"
#include "lib/ops/upgrade.h"

using namespace hone;

static Model model_of(std::string_view text) {
  auto m = parse_text(text);
  EXPECT_TRUE(m) << (m ? "" : m.error().message);
  Model model = std::move(m).value();
  const Status s = upgrade(model);
  EXPECT_TRUE(s) << (s ? "" : s.error().message);
  return model;
}

static std::string shape_in(const Graph& g, const Facts& facts, std::string_view name) {
  const auto it = facts.find(g.lookup(name));
  return it == facts.end() ? "no fact" : format("{} {}", hone::name(it->second.dtype), to_string(it->second.shape));
}

TEST(Schema, EveryRowParses) {
  ASSERT_GT(all_ops().size(), 100u);
  for (const Op* op : all_ops()) {
    const Schema& s = schema_of(*op);
    for (const Formal& f : s.inputs) EXPECT_NE(f.allowed, 0u) << op->name << " input " << f.name;
    for (const Formal& f : s.outputs) EXPECT_NE(f.allowed, 0u) << op->name << " output " << f.name;
    EXPECT_TRUE(op->infer || op->since >= 1000) << op->name << " has no shape rule";
  }
}

TEST(Infer, SymbolsPassThroughShapeArithmetic) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[batch, 12, 4] x) => (y) <int64 axis = {0}, int64[1] zero = {0}, int64[1] rest = {-1}> {
      s = Shape (x)
      b = Gather (s, axis)
      b1 = Unsqueeze (b, zero)
      target = Concat <axis = 0> (b1, rest)
      y = Reshape (x, target)
    })");
  const auto facts = infer(*m.graph);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(shape_in(*m.graph, *facts, "y"), "float batchx48");
  EXPECT_EQ(shape_in(*m.graph, *facts, "target"), "int64 2");
}

TEST(Infer, GivenShapesMakeShapeComputationsConstant) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[batch, 12, 4] x) => (y) <int64[1] two = {2}> {
      s = Shape <start = 0, end = 1> (x)
      n = Mul (s, two)
      y = ConstantOfShape (n)
    })");
  Facts given;
  given[m.graph->inputs[0]] = Fact{DType::f32, Shape{3, 12, 4}, std::nullopt, std::nullopt};
  const auto facts = infer(*m.graph, given);
  ASSERT_TRUE(facts) << facts.error().message;
  const Fact& n = facts->at(m.graph->lookup("n"));
  ASSERT_TRUE(n.constant);
  EXPECT_EQ(n.constant->to_ints(), std::vector<std::int64_t>{6});
  EXPECT_EQ(shape_in(*m.graph, *facts, "y"), "float 6");
}

TEST(Infer, NegativeConstantsInsideContentsAreKept) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[2, 3] x) => (y) <int64[2] a = {-1, 5}, int64[1] one = {1}> {
      b = Sub (a, one)
      y = Identity (x)
    })");
  const auto facts = infer(*m.graph);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->at(m.graph->lookup("b")).constant->to_ints(), (std::vector<std::int64_t>{-2, 4}));
}

TEST(Infer, BranchesAgreeOrStayUnknown) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (bool c, float[n, 4] x) => (y) <int64[1] axes = {0}> {
      y = If (c) <then_branch = t () => (a) { a = Neg (x) }, else_branch = e () => (b) { r = Relu (x)  b = Concat <axis = 0> (r, x) }>
    })");
  const auto facts = infer(*m.graph);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(shape_in(*m.graph, *facts, "y"), "float ?x4");
  EXPECT_EQ(shape_in(*m.graph, *facts, "a").substr(0, 7), "no fact") << "names of bodies are not in the main graph";
}

TEST(Infer, ABranchThatCannotRunMayBeWrong) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[2, 4] x) => (y) <bool c = {0}, int64[1] axes = {0}> {
      y = If (c) <then_branch = t () => (a) { a = Squeeze (x, axes) }, else_branch = e () => (b) { b = Relu (x) }>
    })");
  const auto facts = infer(*m.graph);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(shape_in(*m.graph, *facts, "y"), "float 2x4");
}

TEST(Infer, LoopDimensionsThatChangeAreUnknown) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (int64 n, float[1, 4] x) => (y, rows) <float[1, 4] one = {1, 1, 1, 1}> {
      y, rows = Loop (n, , x) <body = b (int64 i, bool c, float[k, 4] v) => (d, w, row) {
        d = Identity (c)
        w = Concat <axis = 0> (v, one)
        row = Identity (one)
      }>
    })");
  const auto facts = infer(*m.graph);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(shape_in(*m.graph, *facts, "y"), "float ?x4");
  EXPECT_EQ(shape_in(*m.graph, *facts, "rows"), "float ?x1x4");
}

TEST(Infer, UnknownOperatorLeavesItsOutputsUnknown) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17, "com.example" : 1]>
    g (float[2, 4] x) => (float[3] y) { t = com.example.Mystery (x)  u = Relu (t)  y = Identity (u) })");
  const auto facts = infer(*m.graph);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(shape_in(*m.graph, *facts, "u"), "undefined unknown rank");
  EXPECT_EQ(shape_in(*m.graph, *facts, "y"), "float 3");
}

TEST(Infer, ErrorsNameTheNode) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[2, 4] x, float[3, 5] z) => (y) { y = Concat <axis = 0> (x, z) })");
  const auto facts = infer(*m.graph);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().message, "node making 'y' (Concat): input 1 has shape 3x5, which differs from 2x4 on axis 1");
}

TEST(InferShapes, WritesAndIsIdempotent) {
  Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[batch, 3] x) => (float[rows, 3] y) { t = Relu (x)  y = Neg (t) })");
  ASSERT_TRUE(infer_shapes(*m.graph));
  EXPECT_EQ(to_string(m.graph->lookup("t")->shape), "batchx3");
  EXPECT_EQ(to_string(m.graph->lookup("y")->shape), "rowsx3") << "names that the file gave stay";
  const std::string once = print(m);
  ASSERT_TRUE(infer_shapes(*m.graph));
  EXPECT_EQ(print(m), once);
}

TEST(InferShapes, ContradictionNamesTheValue) {
  Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[2, 3] x) => (float[2, 4] y) { y = Relu (x) })");
  const Status s = infer_shapes(*m.graph);
  ASSERT_FALSE(s);
  EXPECT_EQ(s.error().message, "node making 'y' (Relu): output 'y' is declared 2x4 but its shape is 2x3");
}

TEST(Upgrade, AttributesBecomeInputs) {
  Model m = model_of(R"(<ir_version: 3, opset_import: ["" : 9]>
    g (float[1, 3, 1] x) => (y, w) { s = Squeeze <axes = [0, 2]> (x)  y = Slice <starts = [1], ends = [3]> (s)  v, w = TopK <k = 1> (s) })");
  const auto facts = infer(*m.graph);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(shape_in(*m.graph, *facts, "y"), "float 2");
  EXPECT_EQ(shape_in(*m.graph, *facts, "w"), "int64 1");
  EXPECT_EQ(needed_opset(m), 13);
}

TEST(Upgrade, DeprecatedOperatorsAreReplaced) {
  Model m = model_of(R"(<ir_version: 3, opset_import: ["" : 9]>
    g (float[3] x, int64[1] i, float[1] u) => (y) { y = Scatter (x, i, u) })");
  EXPECT_EQ(m.graph->nodes()[0]->op, "ScatterElements");
  EXPECT_EQ(needed_opset(m), 11);
}

// At concrete input shapes the shapes of real models are known throughout: what the executor's planner relies on.
TEST(Infer, RealModelsAreKnownAtConcreteShapes) {
  const char* set = std::getenv("HONE_SHARED");
  const char* source = std::getenv("HONE_SOURCE");
  const Path shared = set ? Path(set) : Path(source ? source : ".") / "../shared";
  int seen = 0;
  for (const char* name :
       {"real/tinybert_untrained", "real/yunet_n_dynamic", "real/ultraface_rfb320", "real/ppocr_cls", "trained/fmnist_vit"}) {
    const Path file = shared / "models" / name / "model.onnx";
    if (!std::filesystem::exists(file)) continue;
    auto model = load_onnx(file);
    ASSERT_TRUE(model) << model.error().message;
    Facts given;
    for (const Value* v : model->graph->inputs) {
      if (v->constant) continue;
      Fact f{v->dtype, v->shape, std::nullopt, std::nullopt};
      for (std::size_t k = 0; k < f.shape.rank(); ++k)
        if (!f.shape.dims[k].known()) f.shape.dims[k] = Dim(k < 2 ? 2 : 64);
      given[v] = std::move(f);
    }
    const auto facts = infer(*model->graph, given);
    ASSERT_TRUE(facts) << name << ": " << facts.error().message;
    for (const Node* n : model->graph->nodes())
      for (const Value* v : n->outputs)
        EXPECT_TRUE(!v || facts->at(v).shape.known())
            << name << ": " << v->name << " of " << n->op << " is " << to_string(facts->at(v).shape);
    ++seen;
  }
  if (seen == 0) GTEST_SKIP() << "needs ../shared/models: tinybert_untrained, yunet_n_dynamic, ultraface_rfb320, ppocr_cls, fmnist_vit";
}
