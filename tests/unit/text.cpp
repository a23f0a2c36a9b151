// SPDX-License-Identifier: Apache-2.0
// ONNX text: print(parse(text)) is the text itself when it was printed by us, whatever the values; errors say where.
#include <gtest/gtest.h>

#include <cmath>

#include "lib/ir/text.h"

namespace hone {
namespace {

Model parsed(std::string_view text) {
  Result<Model> m = parse_text(text);
  if (!m) {
    ADD_FAILURE() << m.error().message << "\n" << text;
    return {};
  }
  const Status valid = verify(*m->graph);
  EXPECT_TRUE(valid) << (valid ? "" : valid.error().message);
  return std::move(m).value();
}

// Parses, prints, and expects printing to be stable from then on. Returns the model.
Model stable(std::string_view text) {
  Model first = parsed(text);
  const std::string printed = print(first, 1 << 20);
  EXPECT_EQ(print(parsed(printed), 1 << 20), printed);
  return first;
}

void expect_error(std::string_view text, std::string_view message) {
  const Result<Model> m = parse_text(text);
  ASSERT_FALSE(m) << text;
  EXPECT_NE(m.error().message.find(message), std::string::npos) << m.error().message;
}

TEST(Text, PrintsWhatItReads) {
  const std::string_view text = R"(<
  ir_version: 8,
  opset_import: ["" : 17, "ai.onnx.ml" : 3],
  producer_name: "a \"quoted\" name",
  metadata_props: ["k" : "v"]
>
g (float[N,3] x, float[2] k = {1, 2.5}) => (float[N,2] y)
<
  float[2] b = {0, -1e-07},
  float[N,2] t
> {
  [first] t = Gemm <alpha = 1.0, transB = 0> (x, k, b)
  y = Clip (t, , b)
}
)";
  EXPECT_EQ(print(parsed(text)), text);
}

TEST(Text, AModelOfFunctionsAloneReadsBack) {
  stable(R"(<ir_version: 10, opset_import: ["local" : 1]> g (float[2] x) => (float[2] y) { y = local.f (x) }
      <domain: "local", opset_import: ["" : 18]> f (a) => (b) { b = Neg (a) })");
}

TEST(Text, EveryAttributeKind) {
  const Model m = stable(R"(g (float[1] x) => (y) {
    y, "" , z = com.acme.Odd <i = -3, f = 2.0, s = "a\\b", ints = [1, 2], floats = [1, 2.5], strings = ["a", "b"], none: ints = [],
      t = int64[2] {3, 4}, named = float w = {1}, ts = [float[1] {1}, bool[2] {1, 0}], inf = -inf,
      body = inner (float[1] a) => (b) { b = Add (a, x) }, bodies = [p () => (x) {}, q () => (c) { c = Neg (x) }]> (x, , x)
  })");
  const Node& n = *m.graph->nodes().at(0);
  EXPECT_EQ(n.domain, "com.acme");
  EXPECT_EQ(n.integer("i"), -3);
  EXPECT_EQ(n.number("f"), 2.0f);
  EXPECT_EQ(n.text("s"), "a\\b");
  EXPECT_EQ(n.integers("ints"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(n.numbers("floats"), (std::vector<float>{1, 2.5f}));
  EXPECT_TRUE(n.find<std::vector<std::int64_t>>("none")->empty());
  EXPECT_EQ(n.find<Tensor>("t")->to_ints(), (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(n.find<std::vector<Tensor>>("ts")->size(), 2u);
  EXPECT_EQ(n.number("inf"), -INFINITY);
  EXPECT_EQ(n.find<std::vector<GraphPtr>>("bodies")->size(), 2u);
  EXPECT_EQ(n.inputs.size(), 3u);
  EXPECT_EQ(n.inputs[1], nullptr);
  EXPECT_EQ(n.outputs[1], nullptr);
  EXPECT_EQ(n.body("body")->nodes().at(0)->inputs[1], m.graph->find("x"));
}

TEST(Text, EveryElementType) {
  const Model m = stable(R"(g () => (a) <
    float a = {0.1}, double[2] b = {0.1, -inf}, float16[2] c = {0.5, 65504}, bfloat16[1] d = {1.5}, bool[3] e = {1, 0, true},
    int8[2] f = {-128, 127}, uint8[1] g = {255}, int16[1] h = {-32768}, uint16[1] i = {65535}, int32[1] j = {-2147483648},
    uint32[1] k = {4294967295}, int64[1] l = {-9223372036854775808}, uint64[1] m = {18446744073709551615}, string[2] n = {"", "x\"y"},
    complex64[1] o = {1, -2}, int4[3] p = {-8, 7, 1}, uint4[3] q = {15, 0, 3}, float4e2m1[3] r = {-6, 0.5, 3}, int2[5] s = {-2, 1, 0, -1, 1},
    uint2[4] t = {3, 2, 1, 0}, float8e4m3fn[3] u = {448, nan, -0.001953125}, float8e5m2[2] v = {inf, 57344}, float8e8m0[1] w = {0.25},
    float[0] empty = {}, float8e4m3fnuz[1] x = {240}, float8e5m2fnuz[1] y = {-57344}, complex128[1] z = {0.1, 1e300}> {})");
  const auto constant = [&](std::string_view name) { return m.graph->find(name)->constant->to_doubles(); };
  EXPECT_EQ(constant("a"), std::vector<double>{static_cast<double>(0.1f)});
  EXPECT_EQ(constant("p"), (std::vector<double>{-8, 7, 1}));
  EXPECT_EQ(constant("s"), (std::vector<double>{-2, 1, 0, -1, 1}));
  EXPECT_EQ(constant("r"), (std::vector<double>{-6, 0.5, 3}));
  EXPECT_EQ(constant("u")[0], 448);
  EXPECT_TRUE(std::isnan(constant("u")[1]));
  EXPECT_EQ(m.graph->find("n")->constant->string_values()[1], "x\"y");
}

TEST(Text, FloatsSurviveExactly) {
  for (const std::uint32_t bits : {0x00000001u, 0x007fffffu, 0x00800000u, 0x7f7fffffu, 0x3dcccccdu, 0x80000000u, 0xff800000u}) {
    Model m;
    m.opsets.emplace("", 17);
    m.graph->name = "g";
    m.graph->outputs.push_back(m.graph->constant("c", Tensor::scalar(std::bit_cast<float>(bits))));
    const Model again = parsed(print(m));
    EXPECT_EQ(std::bit_cast<std::uint32_t>(*again.graph->find("c")->constant->data<float>()), bits) << print(m);
  }
}

TEST(Text, NamesThatAreNoIdentifiersAreQuoted) {
  const Model m = stable(R"("my graph" (float["batch size", ?] "x.1", float[] "float") => ("0") {
    "0" = Concat <axis = 0> ("x.1", "float")
  })");
  EXPECT_EQ(m.graph->inputs[0]->shape.dims[0].symbol, "batch size");
  EXPECT_FALSE(m.graph->inputs[1]->shape.ranked);
}

TEST(Text, NodesInAnyOrderAndAttributesAfterInputs) {
  const Model m = stable("g (float[2] x) => (y) { # a comment\n y = Relu (t)\n t = LeakyRelu (x) <alpha = 0.5> }");
  EXPECT_EQ(m.graph->nodes()[0]->op, "LeakyRelu");
}

TEST(Text, BodiesRenameWhatWouldShadow) {
  const Model m = stable("g (bool c, float x) => (y) { y = If <then_branch = t () => (x) { x = Neg (c) }, else_branch = e () => (x) {}> (c) }");
  EXPECT_EQ(m.graph->nodes()[0]->body("then_branch")->outputs[0]->name, "x_1");
  EXPECT_EQ(m.graph->nodes()[0]->body("else_branch")->outputs[0], m.graph->find("x"));
}

TEST(Text, ConstantNodesBecomeConstants) {
  const Model m = stable("g (float[2] x) => (y) { c = Constant <value_floats = [1.0, 2.0]> ()  y = Add (x, c) }");
  EXPECT_EQ(m.graph->nodes().size(), 1u);
  EXPECT_EQ(m.graph->find("c")->constant->dims(), Dims{2});
  EXPECT_TRUE(stable("g () => (y) { y, = Constant <value_int = 3> () }").graph->nodes().empty());  // an output left out is none
}

TEST(Text, LargeConstantsPrintAsAHash) {
  Model m;
  m.opsets.emplace("", 17);
  m.graph->name = "g";
  m.graph->outputs.push_back(m.graph->constant("c", Tensor::allocate(DType::f32, {33})));
  EXPECT_NE(print(m).find("float[33] c = [\"sha256\": \""), std::string::npos) << print(m);
  expect_error(print(m), "large constants print as a hash");
}

TEST(Text, ErrorsSayWhereAndWhat) {
  expect_error("g (float[2] x) => (y) {\n  y = Relu x\n}", "line 2, column 12: expected '(', found 'x'");
  expect_error("g () => (y) { y = Add (a, b) }", "node making 'y' (Add): reads 'a', which no input");
  expect_error("g (float x) => (y) { y = Relu (x) y = Neg (x) }", "its output 'y' is made twice");
  expect_error("g (float x, float x) => (x) {}", "two inputs of graph 'g' are named 'x'");
  expect_error("g () => (a) { a = Neg (b) b = Neg (a) }", "a cycle");
  expect_error("g (float x) => (x, x) {}", "listed twice");
  expect_error("g () => (z) {}", "output 'z' of graph 'g' is made by no node");
  expect_error("g () => (c) <float[2] c = {1}> {}", "1 elements, the type has 2");
  expect_error("g () => (c) <float[9999999999,9999999999] c = {1}> {}", "more elements than fit 63 bits");
  expect_error("g () => (c) <int8[1] c = {128}> {}", "fits int8");
  expect_error("g () => (c) <float8e4m3fn[1] c = {0.3}> {}", "expected a value of float8e4m3fn");
  expect_error("g (sparse_tensor(float) x) => (x) {}", "values of type sparse_tensor are not supported");
  expect_error("<ir_version: 8>\ng () => () {}", "add opset_import");
  expect_error("g () => (x) { x = If <b = @ref> () }", "only a node of a function may refer to a function's attribute");
  expect_error("g (float x) => (x) {} extra", "expected '(', found the end");
  expect_error("g (float x) => (x) {} 1", "expected a function or the end of the text");
  expect_error("g (float x) => (x) { y = A <s = \"", "closing");
}

TEST(Text, DeepNestingIsRefused) {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "g () => () { y = If <b = ";
  expect_error(text, "nested deeper");
}

TEST(Text, EveryPrefixEndsInAnErrorOrAModel) {
  const std::string text = print(parsed(R"(g (float[N] x, bool c) => (y) <int4[3] k = {1, 2, 3}> {
    y = If <a = [1.5], t = float[1] {-inf}, then_branch = t () => (z) { z = ai.onnx.ml.Scaler <s = "q"> (x, , k) }> (c) })"));
  for (std::size_t n = 0; n + 1 < text.size(); ++n) EXPECT_FALSE(parse_text(text.substr(0, n)) && n + 2 < text.size()) << n;
}

}  // namespace
}  // namespace hone
