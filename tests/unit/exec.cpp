// SPDX-License-Identifier: Apache-2.0
// Sessions against the interpreter: whatever compile() does, the outputs stay; the thread count changes no byte.
#include "tests/unit/exec_models.h"

namespace hone {
namespace {

constexpr std::string_view residual = R"(
m (float[N,3,8,8] x) => (float[N,4,8,8] y)
<float[4,3,3,3] w = {1, -2, 3, 4, 5, -6, 7, 8, 9, 1, 2, 3, -4, 5, 6, 7, 8, 9, 1, 2, 3, 4, -5, 6, 7, 8, 9,
  0, -2, 3, 4, 5, -6, 7, 8, 9, 1, 2, 3, -4, 5, 6, 7, 0, 9, 1, 2, 3, 4, -5, 6, 7, 8, 9,
  1, -2, 3, 4, 0, -6, 7, 8, 9, 1, 2, 3, -4, 5, 6, 7, 8, 9, 1, 2, 3, 0, -5, 6, 7, 8, 9,
  1, -2, 3, 4, 5, -6, 0, 8, 9, 1, 2, 3, -4, 5, 6, 7, 8, 9, 1, 2, 0, 4, -5, 6, 7, 8, 9},
 float[4] b = {0.5, -0.5, 1, 2}, float[4,4,1,1] v = {1, -1, 0.5, 2, 3, 1, -2, 1, 1, 1, 0, 1, 1, 2, 3, -4}>
{
  a = Conv <pads = [1, 1, 1, 1]> (x, w, b)
  r = Relu (a)
  c = Conv (r, v)
  s = Add (c, r)
  y = Relu (s)
})";

TEST(Exec, ResidualBlock) { check_model(residual); }

TEST(Exec, OtherShapesOnTheSameSession) {
  const Model m = model_of(residual);
  auto session = Session::create(*compile(*m.graph));
  for (const std::int64_t batch : {1, 3, 1, 2, 5, 7, 9, 3}) {
    const NamedTensors inputs = random_inputs(*m.graph, batch, static_cast<unsigned>(batch));
    const auto got = session->run(inputs);
    ASSERT_TRUE(got) << got.error().message;
    expect_near(*got, *interpret(*m.graph, inputs), 1e-5);
  }
}

TEST(Exec, PackedConstantsDoNotGrowWithTheNumberOfShapes) {
  // Resize packs tables that depend on the shape; the weights of the convolution are the same for all.
  const Model m = model_of(R"(
m (float[1,2,H,W] x) => (float[1,2,H2,W2] y)
<float[2,2,1,1] k = {1, 2, 3, -4}, float[4] scales = {1, 1, 2, 2}>
{ c = Conv (x, k)  y = Resize <mode = "nearest"> (c, , scales) })");
  auto session = Session::create(*compile(*m.graph));
  std::size_t most = 0;
  for (std::int64_t size = 3; size < 60; ++size) {
    ASSERT_TRUE(session->run({{"x", Tensor::allocate(DType::f32, {1, 2, size, size})}}));
    if (size == 20) most = session->packed_bytes();
  }
  EXPECT_LE(session->packed_bytes(), 4 * most);
}

TEST(Exec, OutputsAreTheCallersOwn) {
  // An output that is an input, one that is a constant, one that is also read inside, and a view of another value.
  const Model m = model_of(R"(
m (float[2,3] x) => (float[2,3] same, float[2] k, float[2,3] a, float[3,2] v, float[2,3] last)
<float[2] c = {1, 2}, int64[2] s = {3, 2}>
{ same = Identity (x)  k = Identity (c)  a = Relu (x)  b = Add (a, x)  v = Reshape (b, s)  last = Exp (b) })");
  auto session = Session::create(*compile(*m.graph));
  NamedTensors inputs = random_inputs(*m.graph, 1, 3);
  const auto want = interpret(*m.graph, inputs);
  const auto first = session->run(inputs);
  ASSERT_TRUE(first) << first.error().message;
  expect_near(*first, *want, 1e-6);
  for (const Tensor& t : *first) EXPECT_NE(t.bytes().data(), inputs["x"].bytes().data());
  const auto second = session->run(random_inputs(*m.graph, 1, 4));
  ASSERT_TRUE(second);
  expect_near(*first, *want, 1e-6);  // the next run has left them alone
}

TEST(Exec, ChainsRunInPlace) {
  const Model m =
      model_of("m (float[1,1000] x) => (float[1,1000] y) { a = Neg (x) b = Exp (a) c = Relu (b) d = Add (c, c) e = Tanh (d) y = Neg (e) }");
  const NamedTensors inputs = random_inputs(*m.graph, 1, 5);
  const Outcome r = run(*m.graph, inputs);
  expect_near(r.outputs, *interpret(*m.graph, inputs), 1e-6);
  EXPECT_LE(r.arena_bytes, 2u * 4096);
}

TEST(Exec, BranchesSeeTheValuesAroundThem) {
  check_model(R"(
m (float[2,3] x, bool cond) => (float[2,3] y)
<float[1] one = {1}>
{
  a = Relu (x)
  y = If (cond) <then_branch = t () => (float[2,3] p) { q = Add (a, one)  p = Mul (q, x) },
                 else_branch = e () => (float[2,3] r) { r = Identity (a) }>
})");
}

TEST(Exec, ReducesOverLastAxes) {
  check_model(R"(
m (float[N,3,4,1] x) => (float[N,3,1,1] a, float[N] b, float[N,3,4,1] c, float[N,1,4,1] d, float s)
<int64[1] two = {2}, int64[3] tail = {1, 2, -1}, int64[1] last = {3}, int64[1] one = {1}>
{
  a = ReduceMean (x, two)
  b = ReduceSum <keepdims = 0> (x, tail)
  c = ReduceMean (x, last)
  d = ReduceMean (x, one)
  s = ReduceSum <keepdims = 0> (x)
})");
}

TEST(Exec, ErrorsNameTheInput) {
  const Model m = model_of(residual);
  auto session = Session::create(*compile(*m.graph));
  const auto r = session->run({});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, Code::invalid);
  EXPECT_NE(r.error().message.find("'x'"), std::string::npos) << r.error().message;
}

TEST(Exec, ShapesThatContradictAtRunTimeAreErrors) {
  // Both inputs are legal, their sum is not; and what was declared of the sum must not be believed.
  const Model m = model_of("m (float[N] x, float[M] z) => (float[7] y, float[7] w) { y = Add (x, z)  w = Relu (y) }");
  auto session = Session::create(*compile(*m.graph));
  NamedTensors inputs{{"x", Tensor::allocate(DType::f32, {7})}, {"z", Tensor::allocate(DType::f32, {7})}};
  EXPECT_TRUE(session->run(inputs));
  inputs["z"] = Tensor::allocate(DType::f32, {5});
  const auto r = session->run(inputs);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, Code::invalid);
}

TEST(Exec, ShapesKnownOnlyAtRunTime) {
  check_model(R"(
m (float[4,6] x) => (float[R,3] y)
<float[2,3] w = {1, 2, 3, 4, 5, 6}, int64[2] s = {-1, 2}, float[3] b = {1, -1, 2}>
{
  n = NonZero (x)
  t = Transpose (n)
  f = Cast <to = 1> (t)
  r = Reshape (f, s)
  p = MatMul (r, w)
  a = Add (p, b)
  y = Relu (a)
})");
}

// The sum may not take the place of the convolution's input while that is still read.
TEST(Exec, AConvolutionThatAddsItsOwnInput) {
  std::string weights;
  for (int i = 0; i < 81; ++i) weights += format("{}{}", i ? ", " : "", i % 7 - 3);
  check_model(
      format("m (float[N,3,8,8] x) => (float[N,3,8,8] y)\n<float[3,3,3,3] w = {{{}}}>\n"
             "{{ a = Sigmoid (x)  t = Conv <pads = [1, 1, 1, 1]> (a, w)  s = Add (t, a)  y = Neg (s) }}",
             weights));
}

// r is a's bytes under a shape found at run time, and is read after a's last use.
TEST(Exec, ResultsOfUnknownShapeOutliveTheArena) {
  check_model(R"(
m (float[4,4] x) => (float[R,C] y, float[4,4] z) <int64[1] two = {2}, int64[1] one = {1}, int64[1] rest = {-1}>
{
  n = NonZero (x)
  s = Shape (n)
  g = Gather (s, one)
  rows = Min (g, two)
  shape = Concat <axis = 0> (rows, rest)
  a = Sigmoid (x)
  r = Reshape (a, shape)
  p = Neg (x)
  q = Exp (p)
  u = Mul (q, p)
  v = Add (u, q)
  z = Add (v, u)
  y = Neg (r)
})");
}

TEST(Exec, AScaleForEachRowIsNoScaleForEachColumn) {
  check_model("m (float[2,3,3] x) => (float[2,3,3] y) <float[3,1] s = {1, 2, 3}> { y = LayerNormalization (x, s) }");
}

TEST(Exec, ProfileNamesEveryNode) {
  const Model m = model_of(residual);
  const Outcome r = run(*m.graph, random_inputs(*m.graph, 1, 1));
  ASSERT_FALSE(r.profile.empty());
  for (const NodeProfile& n : r.profile) {
    EXPECT_FALSE(n.kernel.empty());
    EXPECT_EQ(n.calls, 2);
  }
}

}  // namespace
}  // namespace hone
