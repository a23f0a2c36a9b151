// SPDX-License-Identifier: Apache-2.0
// lib/ir: tensors, shapes, and the graph's mutators under verify().
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "lib/ir/graph.h"

namespace hone {
namespace {

TEST(Tensor, ViewRefusesWrongSizes) {
  const std::array<std::byte, 8> bytes{};
  EXPECT_TRUE(Tensor::view(DType::f32, {2}, bytes, nullptr));
  EXPECT_FALSE(Tensor::view(DType::f32, {3}, bytes, nullptr));
  EXPECT_FALSE(Tensor::view(DType::f32, {-2}, bytes, nullptr));
  EXPECT_FALSE(Tensor::view(DType::f32, {INT64_MAX, INT64_MAX}, bytes, nullptr));
  EXPECT_FALSE(Tensor::view(DType::string, {1}, bytes, nullptr));
  EXPECT_TRUE(Tensor::view(DType::i4, {15}, bytes, nullptr)) << "15 nibbles need 8 bytes";
}

TEST(Tensor, ReadsEveryWidth) {
  const auto bytes_tensor = [](DType dtype, Dims dims, std::initializer_list<int> values) {
    Tensor t = Tensor::allocate(dtype, std::move(dims));
    std::size_t i = 0;
    for (const int v : values) t.writable()[i++] = static_cast<std::byte>(v);
    return t;
  };
  EXPECT_EQ(bytes_tensor(DType::i4, {3}, {0xf1, 0x08}).to_ints(), (std::vector<std::int64_t>{1, -1, -8}));
  EXPECT_EQ(bytes_tensor(DType::u2, {4}, {0xe4}).to_ints(), (std::vector<std::int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(bytes_tensor(DType::i2, {4}, {0xe4}).to_ints(), (std::vector<std::int64_t>{0, 1, -2, -1}));
  EXPECT_EQ(bytes_tensor(DType::f4e2m1, {2}, {0x7f}).to_doubles(), (std::vector<double>{-6, 6}));
  EXPECT_EQ(bytes_tensor(DType::f8e4m3fn, {2}, {0x7e, 0x38}).to_doubles(), (std::vector<double>{448, 1}));
  EXPECT_EQ(bytes_tensor(DType::f8e5m2, {2}, {0x7b, 0xfc}).to_doubles(), (std::vector<double>{57344, -INFINITY}));
  EXPECT_TRUE(std::isnan(element(bytes_tensor(DType::f8e4m3fnuz, {1}, {0x80}), 0)));
  EXPECT_EQ(element(bytes_tensor(DType::f8e8m0, {1}, {126}), 0), 0.5);
  EXPECT_EQ(Tensor::vector<std::int64_t>(std::vector<std::int64_t>{INT64_MAX}).to_ints()[0], INT64_MAX);
}

TEST(Shape, BroadcastsLikeNumpy) {
  EXPECT_EQ(*broadcast(Dims{2, 1, 3}, Dims{4, 1}), (Dims{2, 4, 3}));
  EXPECT_EQ(*broadcast(Dims{}, Dims{5}), (Dims{5}));
  EXPECT_EQ(*broadcast(Dims{1}, Dims{0}), (Dims{0}));
  EXPECT_FALSE(broadcast(Dims{2}, Dims{3}));
  EXPECT_FALSE(element_count(Dims{INT64_MAX, 2}));
  EXPECT_EQ(to_string(Shape({Dim("batch"), Dim(3), Dim()})), "batchx3x?");
}

struct Chain {  // x -> Relu -> a -> Add(a, w) -> y
  Graph g;
  Value* x = g.input("x", DType::f32, Shape{Dim(2)});
  Value* w = g.constant("w", Tensor::of<float>({2}, {1, 2}));
  Value* a = g.value("a");
  Value* y = g.value("y");
  Node* relu = g.add("Relu", "", {x}, {a});
  Node* add = g.add("Add", "", {a, w}, {y});
  Chain() { g.outputs.push_back(y); }
};

TEST(Graph, MutatorsKeepUsersAndOrder) {
  Chain c;
  ASSERT_TRUE(verify(c.g));
  Value* b = c.g.value("b");
  c.g.add("Neg", "", {c.a}, {b}, c.add);
  c.g.set_input(c.add, 0, b);
  ASSERT_TRUE(verify(c.g));
  EXPECT_EQ(c.g.nodes()[1]->op, "Neg");
  c.g.replace_uses(b, c.x);
  EXPECT_EQ(c.g.drop_dead(), 2);
  ASSERT_TRUE(verify(c.g));
  EXPECT_EQ(c.g.nodes().size(), 1u);
  EXPECT_EQ(c.g.value("w")->name, "w_1") << "a taken name gets a number";
}

TEST(Graph, SortFindsOrderAndCycles) {
  Chain c;
  Value* z = c.g.value("z");
  c.g.add("Neg", "", {c.y}, {z}, c.relu);  // reads y before it is made
  EXPECT_FALSE(verify(c.g));
  EXPECT_TRUE(c.g.sort());
  EXPECT_TRUE(verify(c.g));
  c.g.set_input(c.relu, 0, z);
  EXPECT_FALSE(c.g.sort());
}

TEST(Graph, BodiesCaptureAndCloneDeeply) {
  Chain c;
  Value* condition = c.g.input("condition", DType::boolean, Shape(std::vector<Dim>{}));
  Value* out = c.g.value("out");
  Node* branch = c.g.add("If", "", {condition}, {out});
  c.g.set_output(0, out);
  for (const char* which : {"then_branch", "else_branch"}) {
    auto body = std::make_unique<Graph>();
    Graph* inner = body.get();
    c.g.attach(branch, which, std::move(body));
    Value* v = inner->value("v");
    inner->add(which[0] == 't' ? "Neg" : "Abs", "", {c.y}, {v});
    inner->outputs.push_back(v);
  }
  ASSERT_TRUE(verify(c.g)) << verify(c.g).error().message;
  EXPECT_EQ(c.y->users.size(), 2u) << "captured by both bodies";
  std::map<const Value*, Value*> map;
  const GraphPtr copy = c.g.clone(&map);
  ASSERT_TRUE(verify(*copy));
  EXPECT_EQ(map.at(c.y)->users.size(), 2u);
  EXPECT_EQ(map.at(c.w)->constant->bytes().data(), c.w->constant->bytes().data()) << "weights are shared";
  EXPECT_EQ(c.g.drop_dead(), 0);
  Value* other = c.g.value("other");
  c.g.add("Exp", "", {c.y}, {other}, branch);
  c.g.replace_uses(c.y, other);  // the Exp itself too: that makes a cycle
  EXPECT_FALSE(verify(c.g));
  copy->erase(copy->nodes().back()->op == "If" ? (copy->outputs.clear(), copy->nodes().back()) : nullptr);
  EXPECT_EQ(map.at(c.y)->users.size(), 0u) << "erasing the node releases what its bodies captured";
  EXPECT_TRUE(verify(*copy));
}

}  // namespace
}  // namespace hone
