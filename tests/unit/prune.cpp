// SPDX-License-Identifier: Apache-2.0
// lib/quant/prune: exact counts, scope, N:M along the reduction axis, what is left alone.
#include "lib/quant/prune.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hone {
namespace {

// Conv (4, 8, 1, 1) of small weights 0.01..0.32, then MatMul (4, 4) of large ones 1..16, a depthwise Conv of tiny weights.
Model example() {
  Model m;
  Graph& g = *m.graph;
  std::vector<float> small(32), large(16);
  for (std::size_t i = 0; i < small.size(); ++i) small[i] = 0.01f * static_cast<float>(i + 1) * (i % 2 ? 1.f : -1.f);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<float>(i + 1);
  Value* x = g.input("x", DType::f32, Shape{Dim(1), Dim(8), Dim(2), Dim(2)});
  Value* a = g.value("a");
  Value* b = g.value("b");
  Value* y = g.value("y");
  g.add("Conv", "", {x, g.constant("w1", Tensor::of<float>({4, 8, 1, 1}, std::span<const float>(small)))}, {a});
  Node* depthwise = g.add("Conv", "", {a, g.constant("w2", Tensor::of<float>({4, 1, 1, 1}, {1e-6f, 1e-6f, 1e-6f, 1e-6f}))}, {b});
  depthwise->attributes.emplace("group", std::int64_t{4});
  g.add("MatMul", "", {b, g.constant("w3", Tensor::of<float>({4, 4}, std::span<const float>(large)))}, {y});
  g.outputs.push_back(y);
  return m;
}
std::int64_t zeros(const Model& m, std::string_view name) {
  return std::ranges::count(m.graph->find(name)->constant->values<float>(), 0.0f);
}

TEST(Prune, GlobalTakesTheSmallestAnywhere) {
  Model m = example();
  const auto report = prune(m, {.sparsity = 0.5});
  ASSERT_TRUE(report);
  EXPECT_EQ(zeros(m, "w1"), 24) << "half of 48, all in the layer of small weights";
  EXPECT_EQ(zeros(m, "w3"), 0);
  EXPECT_EQ(zeros(m, "w2"), 0) << "depthwise is left alone";
  EXPECT_EQ(report->size(), 2u);
  EXPECT_EQ((*report)[0].zeros_after, 24);
}

TEST(Prune, LayerScopeGivesEachLayerItsShare) {
  Model m = example();
  ASSERT_TRUE(prune(m, {.sparsity = 0.25, .global = false}));
  EXPECT_EQ(zeros(m, "w1"), 8);
  EXPECT_EQ(zeros(m, "w3"), 4);
}

TEST(Prune, KeepsNOfM) {
  Model m = example();
  ASSERT_TRUE(prune(m, {.keep = 2, .of = 4}));
  const auto w1 = m.graph->find("w1")->constant->values<float>();
  for (std::size_t group = 0; group < 8; ++group) EXPECT_EQ(std::ranges::count(w1.subspan(group * 4, 4), 0.0f), 2);
  const auto w3 = m.graph->find("w3")->constant->values<float>();  // (k, n): groups run down the columns
  for (std::size_t column = 0; column < 4; ++column) {
    EXPECT_EQ(w3[column], 0);
    EXPECT_EQ(w3[4 + column], 0);
    EXPECT_NE(w3[8 + column], 0);
  }
}

TEST(Prune, EqualMagnitudesGiveExactCountsInOrder) {
  Model m;
  Value* x = m.graph->input("x", DType::f32, Shape{Dim(1), Dim(10)});
  Value* y = m.graph->value("y");
  m.graph->add("MatMul", "", {x, m.graph->constant("w", Tensor::of<float>({10, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}))}, {y});
  m.graph->outputs.push_back(y);
  ASSERT_TRUE(prune(m, {.sparsity = 0.3}));
  const auto w = m.graph->find("w")->constant->values<float>();
  EXPECT_TRUE(std::ranges::equal(w, std::vector<float>{0, 0, 0, 1, 1, 1, 1, 1, 1, 1}));
}

TEST(Prune, UntouchedWeightsKeepTheirBytes) {
  Model m = example();
  const auto* before = m.graph->find("w3")->constant->bytes().data();
  ASSERT_TRUE(prune(m, {.sparsity = 0.5}));
  EXPECT_EQ(m.graph->find("w3")->constant->bytes().data(), before);
}

TEST(Prune, SaysWhenThereIsNothingToDo) {
  Model m = example();
  EXPECT_FALSE(prune(m, {.sparsity = 0.5, .exclude = [](const Node&) { return true; }}));
  EXPECT_FALSE(prune(m, {.keep = 2, .of = 7}));
}

}  // namespace
}  // namespace hone
