// SPDX-License-Identifier: Apache-2.0
// Plans as bytes: what is written is read back, the same graph gives the same bytes, and no damaged plan does harm.
#include <gtest/gtest.h>

#include <cstring>

#include "lib/exec/session.h"
#include "lib/ir/text.h"
#include "lib/ops/infer.h"
#include "lib/ops/upgrade.h"

namespace hone {
namespace {

Plan plan_of(std::string_view text, const CompileOptions& options = {}) {
  auto m = parse_text(text);
  EXPECT_TRUE(m) << (m ? "" : m.error().message);
  const Status s = upgrade(*m);
  EXPECT_TRUE(s) << (s ? "" : s.error().message);
  auto plan = compile(*m->graph, options);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  return *plan;
}

constexpr std::string_view everything = R"(
m (float[N,2] x, bool cond) => (float[N,2] y, float[N,2] z)
<float[2] w = {1, 2}, float[2] same = {1, 2}>
{
  a = LeakyRelu <alpha = 0.125> (x)
  b = Add (a, w)
  c = Mul (b, same)
  y = If (cond) <then_branch = t () => (float[N,2] p) <float[1] k = {3}> { p = Mul (c, k) },
                 else_branch = e () => (float[N,2] r) { q = Neg (b)  r = Exp (q) }>
  z = Relu (c)
})";

constexpr std::string_view image = R"(
m (float[N,1,4,4] x) => (float[N,3] y)
<float[2,1,3,3] w = {1, -2, 3, 4, 5, -6, 7, 8, 9, 1, 2, 3, -4, 5, 6, 7, 8, 9}, float[2] b = {0.5, 1}, float[2,3] g = {1, 2, 3, 4, 5, 6}>
{
  a = Conv <pads = [1, 1, 1, 1]> (x, w, b)
  r = Relu (a)
  m = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (r)
  p = GlobalAveragePool (m)
  f = Flatten (p)
  y = Gemm (f, g)
})";

constexpr std::string_view integers = R"(
m (int8[N,1,3,3] x) => (int8[N,2,3,3] y)
<float s = {0.05}, int8 z = {-3}, int8[2,1,1,1] w = {100, -60}, float[2] sw = {0.01, 0.02}, int8[2] zw = {0, 0}, float[2] b = {0.5, 1}, float sy = {0.1}>
{
  d = DequantizeLinear (x, s, z)
  wd = DequantizeLinear <axis = 0> (w, sw, zw)
  c = Conv (d, wd, b)
  q = QuantizeLinear (c, sy, z)
  e = DequantizeLinear (q, sy, z)
  h = HardSwish (e)
  o = QuantizeLinear (h, sy, z)
  f = DequantizeLinear (o, sy, z)
  a = Add (f, e)
  y = QuantizeLinear (a, sy, z)
})";

TEST(Plan, RoundTrip) {
  const Plan plan = plan_of(everything);
  const Plan::Saved saved = plan.save();
  const auto opened = Plan::open(share(saved.plan), share(saved.weights));
  ASSERT_TRUE(opened) << opened.error().message;
  const Status sound = verify(opened->graph());
  EXPECT_TRUE(sound) << (sound ? "" : sound.error().message);
  EXPECT_EQ(print(plan.graph()), print(opened->graph()));
  const Plan::Saved again = opened->save();
  EXPECT_EQ(again.plan, saved.plan);
  EXPECT_EQ(again.weights, saved.weights);
}

TEST(Plan, EqualTensorsAreStoredOnceAndAligned) {
  const Plan::Saved saved = plan_of(everything).save();
  for (std::size_t i = 0; i < saved.segments.size(); ++i) {
    EXPECT_EQ(saved.segments[i].offset % 64, 0u);
    for (std::size_t j = 0; j < i; ++j) {
      const auto &a = saved.segments[i], &b = saved.segments[j];
      EXPECT_FALSE(a.length == b.length && std::memcmp(saved.weights.data() + a.offset, saved.weights.data() + b.offset, a.length) == 0);
    }
  }
}

TEST(Plan, WeightsAreNotCopied) {
  const Plan::Saved saved = plan_of(everything).save();
  const SharedBytes weights = share(saved.weights);
  const auto opened = Plan::open(share(saved.plan), weights);
  ASSERT_TRUE(opened);
  int constants = 0;
  for (const Value* v : opened->graph().values()) {
    if (!v->constant) continue;
    ++constants;
    EXPECT_GE(v->constant->bytes().data(), weights.bytes.data());
    EXPECT_LT(v->constant->bytes().data(), weights.bytes.data() + weights.bytes.size());
  }
  EXPECT_GT(constants, 0);
}

TEST(Plan, WrongWeightsAreRefused) {
  Plan::Saved saved = plan_of(everything).save();
  saved.weights.pop_back();
  const auto opened = Plan::open(share(saved.plan), share(saved.weights));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::invalid);
}

TEST(Plan, AnUnalignedSliceOpens) {
  const std::vector<std::byte> single = plan_of(everything).save_single();
  std::vector<std::byte> shifted(1);
  shifted.insert(shifted.end(), single.begin(), single.end());
  SharedBytes all = share(std::move(shifted));
  all.bytes = all.bytes.subspan(1);
  EXPECT_TRUE(Plan::open(all));
}

// Opens, and runs what opens: no crash, no sanitizer report; an error is always Code::invalid.
void try_open(std::vector<std::byte> bytes) {
  const auto plan = Plan::open(share(std::move(bytes)));
  if (!plan) {
    ASSERT_EQ(plan.error().code, Code::invalid) << plan.error().message;
    return;
  }
  auto session = Session::create(*plan);
  NamedTensors inputs;
  Facts given;
  for (const Value* v : plan->graph().inputs) {
    if (bits(v->dtype) == 0) return;
    Dims dims;
    for (const Dim& d : v->shape.dims) dims.push_back(d.known() ? d.value : 1);
    const auto count = element_count(dims);
    if (!count || *count > 1000) return;
    inputs[v->name] = Tensor::allocate(v->dtype, dims);
    given[v] = Fact{v->dtype, Shape::of(dims), std::nullopt, std::nullopt};
  }
  // A flip may well make a sound model with huge padding: only those of modest size run here.
  std::vector<Contradiction> contradictions;
  for (const auto& [v, fact] : infer(plan->graph(), std::move(given), contradictions)) {
    const auto dims = fact.shape.concrete();
    const auto count = dims ? element_count(*dims) : Result<std::int64_t>(1);
    if (!count || *count > 1'000'000) return;
  }
  (void)session->run(inputs);
}

// What a plan may cost to read is bounded by its size; many values and few nodes must not look like one table referred to again and again.
TEST(Plan, ManyInputsAndOneNode) {
  std::string inputs;
  for (int i = 0; i < 100; ++i) inputs += format("{}float a{}", i ? ", " : "", i);
  const Plan plan = plan_of(format("m ({}) => (float y) {{ y = Add (a0, a1) }}", inputs));
  const Plan::Saved saved = plan.save();
  const auto again = Plan::open(share(saved.plan), share(saved.weights));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->graph().inputs.size(), 100u);
}

TEST(Plan, EveryPrefixIsRefused) {
  const std::vector<std::byte> whole = plan_of(everything).save_single();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto plan = Plan::open(share(std::vector<std::byte>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n))));
    // The padding after the last tensor may be missing in a file of weights alone, never here: its length is written down.
    ASSERT_FALSE(plan) << n;
    ASSERT_EQ(plan.error().code, Code::invalid);
  }
}

TEST(Plan, EveryByteFlipIsHarmless) {
  for (const std::string_view text : {everything, image, integers}) {
    const std::vector<std::byte> whole = plan_of(text).save_single();
    for (std::size_t i = 0; i < whole.size(); ++i)
      for (const unsigned mask : {0x01u, 0x02u, 0x10u, 0x80u, 0xffu}) {
        std::vector<std::byte> bad = whole;
        bad[i] ^= static_cast<std::byte>(mask);
        try_open(std::move(bad));
        if (HasFatalFailure()) FAIL() << "byte " << i << " mask " << mask;
      }
  }
}

}  // namespace
}  // namespace hone
