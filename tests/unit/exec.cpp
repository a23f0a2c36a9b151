// SPDX-License-Identifier: Apache-2.0
// Sessions against the interpreter: whatever compile() does, the outputs stay; memory plans never overlap what is alive; the
// thread count changes no byte.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "lib/exec/planner.h"
#include "lib/exec/session.h"
#include "lib/ir/text.h"
#include "lib/ops/infer.h"
#include "lib/ops/upgrade.h"

namespace hone {
namespace {

Model model_of(std::string_view text) {
  auto m = parse_text(text);
  EXPECT_TRUE(m) << (m ? "" : m.error().message);
  const Status s = upgrade(*m);
  EXPECT_TRUE(s) << (s ? "" : s.error().message);
  return std::move(*m);
}

// Seeded values for every input; symbolic dimensions become `batch`.
NamedTensors random_inputs(const Graph& graph, std::int64_t batch, unsigned seed) {
  std::mt19937 random(seed);
  NamedTensors inputs;
  for (const Value* v : graph.inputs) {
    if (v->constant) continue;
    Dims dims;
    for (const Dim& d : v->shape.dims) dims.push_back(d.known() ? d.value : batch);
    Tensor t = Tensor::allocate(v->dtype, dims);
    for (std::int64_t i = 0; i < t.count(); ++i) {
      const double u = std::uniform_real_distribution<double>(-2, 2)(random);
      if (v->dtype == DType::f32) t.data<float>()[i] = static_cast<float>(u);
      if (v->dtype == DType::u8) t.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(128 + u * 64);
      if (v->dtype == DType::i8) t.data<std::int8_t>()[i] = static_cast<std::int8_t>(u * 64);
      if (v->dtype == DType::i64) t.data<std::int64_t>()[i] = static_cast<std::int64_t>(u);
      if (v->dtype == DType::boolean) t.data<bool>()[i] = u > 0;
    }
    inputs[v->name] = t;
  }
  return inputs;
}

void expect_near(const std::vector<Tensor>& got, const std::vector<Tensor>& want, double tolerance) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t k = 0; k < got.size(); ++k) {
    ASSERT_EQ(got[k].dtype(), want[k].dtype());
    ASSERT_EQ(got[k].dims(), want[k].dims());
    const std::vector<double> a = got[k].to_doubles(), b = want[k].to_doubles();
    double largest = 1;  // sums of large terms may cancel: errors are relative to the largest value
    for (const double x : b) largest = std::max(largest, std::abs(x));
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance * largest) << "output " << k << " element " << i;
  }
}

struct Outcome {
  std::vector<Tensor> outputs;
  std::size_t arena_bytes = 0;
  std::vector<NodeProfile> profile;
};

Outcome run(const Graph& graph, const NamedTensors& inputs, const CompileOptions& options = {}, int threads = 1) {
  const auto plan = compile(graph, options);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  const Status sound = verify(plan->graph());
  EXPECT_TRUE(sound) << (sound ? "" : sound.error().message);
  auto session = Session::create(*plan, {.threads = threads, .profile = true});
  EXPECT_TRUE(session);
  auto first = session->run(inputs), second = session->run(inputs);
  EXPECT_TRUE(first) << (first ? "" : first.error().message);
  if (!first || !second) return {};
  for (std::size_t k = 0; k < first->size(); ++k)
    EXPECT_TRUE(identical((*first)[k], (*second)[k])) << "a second run differs in output " << k;
  return {*first, session->arena_bytes(), session->profile()};
}

// As check_model, for a QDQ model: outputs may differ by `quantum`. Every operator left must be one of `ops`.
void check_integers(std::string_view text, double quantum, std::initializer_list<std::string_view> ops) {
  const Model m = model_of(text);
  const NamedTensors inputs = random_inputs(*m.graph, 2, 11);
  const auto want = interpret(*m.graph, inputs);
  ASSERT_TRUE(want) << want.error().message;
  const Outcome one = run(*m.graph, inputs), four = run(*m.graph, inputs, {}, 4);
  ASSERT_EQ(one.outputs.size(), want->size());
  for (std::size_t k = 0; k < one.outputs.size(); ++k) {
    EXPECT_TRUE(identical(one.outputs[k], four.outputs[k]));
    ASSERT_EQ(one.outputs[k].dtype(), (*want)[k].dtype());
    ASSERT_EQ(one.outputs[k].dims(), (*want)[k].dims());
    const std::vector<double> a = one.outputs[k].to_doubles(), b = (*want)[k].to_doubles();
    for (std::size_t i = 0; i < a.size(); ++i)
      ASSERT_LE(std::abs(a[i] - b[i]), quantum * 1.001) << "output " << k << " element " << i << ": " << a[i] << ", expected " << b[i];
  }
  for (const NodeProfile& n : one.profile)
    EXPECT_TRUE(n.kernel == "alias" || std::ranges::find(ops, n.op) != ops.end()) << n.op << " " << n.kernel;
}

// Every way of compiling gives what the interpreter gives, and every thread count the same bytes.
void check_model(std::string_view text, double tolerance = 1e-5, std::int64_t batch = 2) {
  const Model m = model_of(text);
  const NamedTensors inputs = random_inputs(*m.graph, batch, 7);
  const auto want = interpret(*m.graph, inputs);
  ASSERT_TRUE(want) << want.error().message;
  for (int bits = 0; bits < 8; ++bits) {
    SCOPED_TRACE(format("layout {} integers {} fuse {}", bits & 1, bits >> 1 & 1, bits >> 2));
    const CompileOptions options{.layout = (bits & 1) != 0, .integers = (bits & 2) != 0, .fuse = (bits & 4) != 0};
    expect_near(run(*m.graph, inputs, options).outputs, *want, tolerance);
  }
  const Outcome one = run(*m.graph, inputs), four = run(*m.graph, inputs, {}, 4);
  for (std::size_t k = 0; k < one.outputs.size(); ++k) EXPECT_TRUE(identical(one.outputs[k], four.outputs[k])) << "4 threads differ";
}

TEST(Planner, NeverOverlapsWhatIsAlive) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Buffer> buffers(1 + random() % 40);
    for (Buffer& b : buffers) {
      b.bytes = random() % 5000;
      b.first = random() % 30;
      b.last = b.first + random() % 10;
    }
    const std::size_t total = plan_memory(buffers);
    std::size_t most_alive = 0;
    for (std::size_t step = 0; step < 40; ++step) {
      std::size_t alive = 0;
      for (const Buffer& b : buffers)
        if (b.first <= step && step <= b.last) alive += (b.bytes + 63) / 64 * 64;
      most_alive = std::max(most_alive, alive);
    }
    EXPECT_GE(total, most_alive);
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      EXPECT_EQ(buffers[i].offset % 64, 0u);
      EXPECT_LE(buffers[i].offset + buffers[i].bytes, total);
      for (std::size_t j = 0; j < i; ++j) {
        const Buffer &a = buffers[i], &b = buffers[j];
        const bool together = a.first <= b.last && b.first <= a.last && a.bytes > 0 && b.bytes > 0;
        EXPECT_TRUE(!together || a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset);
      }
    }
  }
}

TEST(Planner, ReusesMemoryThatDied) {
  std::vector<Buffer> chain;
  for (std::size_t i = 0; i < 10; ++i) chain.push_back({1024, i, i + 1});
  EXPECT_EQ(plan_memory(chain), 2048u);
}

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

TEST(Integers, Convolution) {
  check_integers(R"(
m (int8[N,2,5,5] x) => (int8[N,2,5,5] y)
<float sx = {0.05}, int8 zx = {-3}, int8[2,2,3,3] w = {1, -2, 30, 4, 5, -60, 7, 8, 9, 100, 2, 3, -4, 5, 6, 7, 8, 9, 1, -2, 3, -40, 5, -6, 7, 127, 9, 1, 2, 3, -4, 5, 6, 7, -128, 9},
 float[2] sw = {0.01, 0.02}, int8[2] zw = {0, 0}, int32[2] b = {500, -300}, float[2] sb = {0.0005, 0.001}, float sy = {0.1}, int8 zy = {-20}>
{
  d = DequantizeLinear (x, sx, zx)
  wd = DequantizeLinear <axis = 0> (w, sw, zw)
  bd = DequantizeLinear <axis = 0> (b, sb)
  c = Conv <pads = [1, 1, 1, 1]> (d, wd, bd)
  r = Relu (c)
  y = QuantizeLinear (r, sy, zy)
})",
                 1, {"hone.Lut", "Transpose", "hone.QConv"});
}

TEST(Integers, AsymmetricWeightsAndFloatBias) {
  check_integers(R"(
m (uint8[N,2,6,1] x) => (float[N,4,3,1] y)
<float sx = {0.05}, uint8 zx = {120}, uint8[4,1,3,1] w = {1, 200, 30, 4, 128, 60, 7, 8, 9, 100, 2, 3}, float sw = {0.01}, uint8 zw = {100},
 float[4] b = {0.5, -0.25, 1, 0}, float sy = {0.02}, uint8 zy = {10}, float six = {2}, float zero = {0}>
{
  d = DequantizeLinear (x, sx, zx)
  wd = DequantizeLinear (w, sw, zw)
  c = Conv <group = 2, auto_pad = "SAME_UPPER", strides = [2, 1]> (d, wd, b)
  r = Clip (c, zero, six)
  q = QuantizeLinear (r, sy, zy)
  y = DequantizeLinear (q, sy, zy)
})",
                 0.02, {"Transpose", "hone.QConv", "DequantizeLinear"});
}

TEST(Integers, ProductsSumsAndTables) {
  check_integers(R"(
m (float[N,4] x) => (float[N,3] y, float[N,2] z)
<float s = {0.02}, int8 z0 = {5}, int8[3,4] w = {1, 2, -3, 100, 5, -60, 7, 8, 90, -10, 11, 12}, float[3] sw = {0.01, 0.02, 0.03}, float[3] b = {0.5, 1, -1}, int8[3] zw = {0, 0, 0},
 int8[3,2] v = {1, 2, -30, 40, 50, 60}, float sv = {0.02}, float[2] bv = {0.1, -0.2}, float three = {0.5}>
{
  q = QuantizeLinear (x, s, z0)
  d = DequantizeLinear (q, s, z0)
  wd = DequantizeLinear <axis = 0> (w, sw, zw)
  g = Gemm <transB = 1> (d, wd, b)
  gq = QuantizeLinear (g, s, z0)
  gd = DequantizeLinear (gq, s, z0)
  h = HardSigmoid (gd)
  h2 = Mul (h, three)
  hq = QuantizeLinear (h2, s, z0)
  hd = DequantizeLinear (hq, s, z0)
  p = Mul (gd, hd)
  pq = QuantizeLinear (p, s, z0)
  pd = DequantizeLinear (pq, s, z0)
  a = Add (pd, gd)
  r = Relu (a)
  aq = QuantizeLinear (r, s, z0)
  y = DequantizeLinear (aq, s, z0)
  vd = DequantizeLinear (v, sv)
  m = MatMul (y, vd)
  mb = Add (m, bv)
  mq = QuantizeLinear (mb, s, z0)
  z = DequantizeLinear (mq, s, z0)
})",
                 0.04, {"QuantizeLinear", "DequantizeLinear", "hone.QGemm", "hone.QMul", "hone.QAdd", "hone.Lut"});
}

TEST(Integers, ABiasForEachRowStaysFloat) {
  check_integers(R"(
m (float[4,3] x) => (float[4,4] y)
<float sx = {0.05}, uint8 zx = {128}, int8[3,4] W = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, float sw = {0.1}, float[4,1] c = {1, 2, 3, 4}, float sy = {0.1}, uint8 zy = {100}>
{
  q = QuantizeLinear (x, sx, zx)
  d = DequantizeLinear (q, sx, zx)
  w = DequantizeLinear (W, sw)
  g = Gemm (d, w, c)
  r = QuantizeLinear (g, sy, zy)
  y = DequantizeLinear (r, sy, zy)
})", 0.1, {"QuantizeLinear", "DequantizeLinear", "Gemm", "hone.Gemm"});
}

TEST(Integers, OfClampsThatExcludeEachOtherTheLastDecides) {
  check_integers(R"(
m (float[4,3] x) => (float[4,4] y)
<float sx = {0.05}, uint8 zx = {128}, int8[3,4] W = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, float sw = {0.1}, float a = {5}, float b = {6}, float z = {0}, float c = {3}, float sy = {0.1}, uint8 zy = {100}>
{
  q = QuantizeLinear (x, sx, zx)
  d = DequantizeLinear (q, sx, zx)
  w = DequantizeLinear (W, sw)
  g = Gemm (d, w)
  h = Clip (g, a, b)
  i = Clip (h, z, c)
  r = QuantizeLinear (i, sy, zy)
  y = DequantizeLinear (r, sy, zy)
})", 0, {"QuantizeLinear", "DequantizeLinear", "hone.QGemm"});
}

TEST(Integers, PoolsConcatAndMoves) {
  check_integers(R"(
m (uint8[N,2,4,4] x) => (float[N,8] y)
<float s = {0.02}, uint8 z = {100}, float s2 = {0.03}, uint8 z2 = {90}, int8[2,2,1,1] w = {100, 20, -30, 60}, float sw = {0.01}, int64[2] shape = {0, -1}>
{
  d = DequantizeLinear (x, s, z)
  wd = DequantizeLinear (w, sw)
  c = Conv (d, wd)
  cq = QuantizeLinear (c, s, z)
  cd = DequantizeLinear (cq, s, z)
  m = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (cd)
  mq = QuantizeLinear (m, s2, z2)
  md = DequantizeLinear (mq, s2, z2)
  a = AveragePool <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], count_include_pad = 1> (cd)
  aq = QuantizeLinear (a, s, z)
  ad = DequantizeLinear (aq, s, z)
  k = Concat <axis = 1> (md, ad)
  kq = QuantizeLinear (k, s2, z2)
  kd = DequantizeLinear (kq, s2, z2)
  g = GlobalAveragePool (kd)
  g2 = GlobalMaxPool (kd)
  gg = Concat <axis = 1> (g, g2)
  gq = QuantizeLinear (gg, s2, z2)
  gd = DequantizeLinear (gq, s2, z2)
  y = Reshape (gd, shape)
})",
                 0.06,
                 {"Transpose", "hone.QConv", "hone.MaxPool", "hone.QAveragePool", "hone.AveragePool", "hone.Lut", "Concat",
                  "DequantizeLinear", "QuantizeLinear"});
}

TEST(Layout, SqueezeExciteAndBroadcasts) {
  check_model(R"(
m (float[N,3,9,7] x) => (float[N,4,5,4] y, float[N,4] z, float[N,5,4,4] t)
<float[4,3,3,3] w = {1, -2, 3, 4, 5, -6, 7, 8, 9, 1, 2, 3, -4, 5, 6, 7, 8, 9, 1, 2, 3, 4, -5, 6, 7, 8, 9,
  0, -2, 3, 4, 5, -6, 7, 8, 9, 1, 2, 3, -4, 5, 6, 7, 0, 9, 1, 2, 3, 4, -5, 6, 7, 8, 9,
  1, -2, 3, 4, 0, -6, 7, 8, 9, 1, 2, 3, -4, 5, 6, 7, 8, 9, 1, 2, 3, 0, -5, 6, 7, 8, 9,
  1, -2, 3, 4, 5, -6, 0, 8, 9, 1, 2, 3, -4, 5, 6, 7, 8, 9, 1, 2, 0, 4, -5, 6, 7, 8, 9},
 float[4,4,1,1] v = {0.01, -0.01, 0.05, 0.02, 0.03, 0.01, -0.02, 0.01, 0.01, 0.01, 0, 0.01, 0.01, 0.02, 0.03, -0.04}, float[4,1,3,3] d = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9},
 float[4,1,1] scale = {1, 2, 0.5, -1}, float[1,1,5,4] plane = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, float half = {0.5}>
{
  a = Conv <strides = [2, 2], pads = [1, 1, 1, 1]> (x, w)
  b = Mul (a, scale)
  c = Conv <group = 4, auto_pad = "SAME_LOWER"> (b, d)
  g = GlobalAveragePool (c)
  e = Conv (g, v)
  s = HardSigmoid (e)
  m = Mul (c, s)
  p = Add (m, plane)
  y = Sub (p, half)
  z = Flatten (g)
  u = Relu (y)
  t = Transpose <perm = [0, 2, 3, 1]> (u)
})",
              1e-4);
}

TEST(Layout, PoolsConcatResizeAndSignals) {
  check_model(R"(
m (float[N,2,8,6] x, float[N,2,9] v) => (float[N,5,8,6] y, float[N,3,4] w)
<int64[4] one = {2, 1, 8, 6}, int64[2] plane = {2, -1}, float[2,2,1,1] k = {1, 2, 3, -4}, float[4] up = {1, 1, 2, 2}, float[3,2,3] k1 = {1, 2, 3, 4, 5, -6, 7, 8, -9, 1, 2, 3, 4, 5, 6, -7, 8, 9}, float[3] b1 = {1, 2, 3}>
{
  c = Conv (x, k)
  m = MaxPool <kernel_shape = [3, 2], strides = [2, 2], pads = [1, 0, 1, 0]> (c)
  a = AveragePool <kernel_shape = [2, 2], strides = [2, 2], ceil_mode = 1> (c)
  j = Concat <axis = 1> (m, a)
  r = Resize <mode = "nearest"> (j, , up)
  s = Softmax <axis = 1> (r)
  f = ReduceMean <keepdims = 1> (c, plane)
  o = Add (c, f)
  h = ReduceMax <keepdims = 1> (o)
  l = Expand (h, one)
  y0 = Concat <axis = 1> (s, l)
  y = Relu (y0)
  w = Conv <strides = [2], pads = [1, 0], dilations = [1]> (v, k1, b1)
})",
              1e-4);
}

TEST(Layout, ResizeByEveryRule) {
  for (const std::string_view how :
       {"mode = \"nearest\"", "mode = \"nearest\", coordinate_transformation_mode = \"asymmetric\", nearest_mode = \"floor\"",
        "mode = \"linear\"", "mode = \"linear\", coordinate_transformation_mode = \"align_corners\"",
        "mode = \"linear\", coordinate_transformation_mode = \"pytorch_half_pixel\"", "mode = \"linear\", antialias = 1",
        "mode = \"cubic\""}) {
    SCOPED_TRACE(how);
    check_model(format(R"(
m (float[N,2,5,6] x) => (float[N,2,12,9] y, float[N,2,3,6] z)
<float[2,2,1,1] k = {{1, 2, 3, -4}}, float[4] scales = {{1, 1, 2.5, 1.5}}, int64[4] sizes = {{2, 2, 3, 6}}>
{{ c = Conv (x, k)  y = Resize <{}> (c, , scales)  z = Resize <{}> (c, , , sizes) }})",
                       how, how),
                1e-5);
  }
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
  check_model(format("m (float[N,3,8,8] x) => (float[N,3,8,8] y)\n<float[3,3,3,3] w = {{{}}}>\n"
                     "{{ a = Sigmoid (x)  t = Conv <pads = [1, 1, 1, 1]> (a, w)  s = Add (t, a)  y = Neg (s) }}", weights));
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
