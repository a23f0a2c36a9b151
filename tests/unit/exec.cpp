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
  for (std::size_t k = 0; k < first->size(); ++k) EXPECT_TRUE(identical((*first)[k], (*second)[k])) << "a second run differs in output " << k;
  return {*first, session->arena_bytes(), session->profile()};
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
  const Model m = model_of("m (float[1,1000] x) => (float[1,1000] y) { a = Neg (x) b = Exp (a) c = Relu (b) d = Add (c, c) e = Tanh (d) y = Neg (e) }");
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

TEST(Exec, ErrorsNameTheInput) {
  const Model m = model_of(residual);
  auto session = Session::create(*compile(*m.graph));
  const auto r = session->run({});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, Code::invalid);
  EXPECT_NE(r.error().message.find("'x'"), std::string::npos) << r.error().message;
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
