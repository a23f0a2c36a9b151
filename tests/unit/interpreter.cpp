// SPDX-License-Identifier: Apache-2.0
// The reference interpreter: bodies and captures, what it says of wrong inputs, memory it lets go.
#include "lib/ops/interpreter.h"

#include <gtest/gtest.h>

#include "lib/ir/text.h"
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

static std::string error_of(const Model& m, const NamedTensors& inputs) {
  const auto r = interpret(*m.graph, inputs);
  return r ? "no error" : r.error().message;
}

constexpr std::string_view image = R"(<ir_version: 8, opset_import: ["" : 17]>
  g (float[n, 3, 8, 10] image, float[2] bias) => (y) { t = Relu (image)  y = Identity (bias) })";

TEST(Interpreter, BranchesSeeWhatIsAround) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (bool c, float[2] x) => (y) <float[2] k = {10, 20}> {
      t = Neg (x)
      y = If (c) <then_branch = a () => (p) {
        p = If (c) <then_branch = aa () => (q) { q = Add (t, k) }, else_branch = ab () => (r) { r = Identity (x) }>
      }, else_branch = b () => (t)  {}>
    })");
  for (const bool c : {true, false}) {
    const auto y = interpret(*m.graph, {{"c", Tensor::of<bool>({}, {c})}, {"x", Tensor::of<float>({2}, {1, 2})}});
    ASSERT_TRUE(y) << y.error().message;
    EXPECT_EQ(y->at(0).to_floats(), c ? (std::vector<float>{9, 18}) : (std::vector<float>{-1, -2}));
  }
}

TEST(Interpreter, LoopCarriesAndStacks) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (int64 n, float x) => (y, all) <float two = {2}, float limit = {100}> {
      y, all = Loop (n, , x) <body = b (int64 i, bool c, float v) => (d, w, s) {
        w = Mul (v, two)
        d = Less (w, limit)
        s = Identity (w)
      }>
    })");
  const auto run = [&](std::int64_t n) {
    return interpret(*m.graph, {{"n", Tensor::scalar<std::int64_t>(n)}, {"x", Tensor::scalar<float>(3)}});
  };
  const auto three = run(3);
  ASSERT_TRUE(three) << three.error().message;
  EXPECT_EQ(three->at(0).to_floats(), std::vector<float>{24});
  EXPECT_EQ(three->at(1).to_floats(), (std::vector<float>{6, 12, 24}));
  EXPECT_EQ(run(1000)->at(1).count(), 6) << "stops by its condition: 6, 12, 24, 48, 96, 192";
  EXPECT_EQ(run(0)->at(1).dims(), Dims{0});
}

TEST(Interpreter, AnInitializerListedAsInputMayBeReplaced) {
  const Model m = model_of(R"(<ir_version: 3, opset_import: ["" : 9]>
    g (float[2] x, float[2] k = {1, 2}) => (y) { y = Add (x, k) })");
  const Tensor x = Tensor::of<float>({2}, {10, 10});
  EXPECT_EQ(interpret(*m.graph, {{"x", x}})->at(0).to_floats(), (std::vector<float>{11, 12}));
  EXPECT_EQ(interpret(*m.graph, {{"x", x}, {"k", Tensor::of<float>({2}, {5, 6})}})->at(0).to_floats(), (std::vector<float>{15, 16}));
}

TEST(Interpreter, WrongInputsAreToldWhatToDo) {
  const Model m = model_of(image);
  const Tensor good = Tensor::allocate(DType::f32, {1, 3, 8, 10}), bias = Tensor::allocate(DType::f32, {2});
  EXPECT_EQ(error_of(m, {{"imgae", good}, {"bias", bias}}),
            "the model has no input 'imgae': did you mean 'image'?; its inputs are: 'image', 'bias'");
  EXPECT_EQ(error_of(m, {{"bias", bias}}), "input 'image' (float nx3x8x10) is missing");
  EXPECT_EQ(error_of(m, {{"image", Tensor::allocate(DType::u8, {1, 3, 8, 10})}, {"bias", bias}}),
            "input 'image' is uint8, but the model wants float: convert the data");
  EXPECT_EQ(error_of(m, {{"image", Tensor::allocate(DType::f32, {1, 8, 10, 3})}, {"bias", bias}}),
            "input 'image' has shape 1x8x10x3, but the model wants nx3x8x10; the data looks like NHWC and the model wants NCHW: transpose "
            "it by (0, 3, 1, 2)");
  EXPECT_EQ(error_of(m, {{"image", Tensor::allocate(DType::f32, {3, 8, 10})}, {"bias", bias}}),
            "input 'image' has shape 3x8x10, but the model wants nx3x8x10; the batch axis is missing: add a first axis of size 1");
  EXPECT_EQ(error_of(m, {{"image", good}, {"bias", Tensor::allocate(DType::f32, {3})}}), "input 'bias' has shape 3, but the model wants 2");
}

TEST(Interpreter, AnUnknownOperatorIsNamed) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]> g (float[2] x) => (y) { y = Mystery (x) })");
  EXPECT_EQ(error_of(m, {{"x", Tensor::allocate(DType::f32, {2})}}), "node making 'y' (Mystery): unknown operator; Hone cannot run it");
}

TEST(Interpreter, RunTimeMistakesOfAModelAreErrors) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[n] x, int64[k] i, int64[r] s) => (y, z) { y = Gather (x, i)  z = Reshape (x, s) })");
  const Tensor x = Tensor::of<float>({2}, {1, 2});
  const auto run = [&](std::int64_t index, std::int64_t size) {
    return error_of(m, {{"x", x}, {"i", Tensor::of<std::int64_t>({1}, {index})}, {"s", Tensor::of<std::int64_t>({1}, {size})}});
  };
  EXPECT_EQ(run(-2, 2), "no error");
  EXPECT_EQ(run(2, 2), "node making 'y' (Gather): index 2 is outside [-2, 1]");
  EXPECT_EQ(run(0, 3), "node making 'z' (Reshape): 2 elements of shape 2 do not fit shape 3");
  EXPECT_EQ(run(0, -7), "node making 'z' (Reshape): the shape has the dimension -7");
}

TEST(Interpreter, TensorsAreFreedAfterTheirLastUse) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[4] x) => (y) { a = Neg (x)  b = Abs (a)  c = Sqrt (b)  y = Exp (c) })");
  std::weak_ptr<const void> first;
  bool freed = false;
  const auto r = interpret(*m.graph, {{"x", Tensor::of<float>({4}, {1, 2, 3, 4})}}, [&](const Value& v, const Tensor& t) {
    if (v.name == "a") first = t.owner();
    if (v.name == "c") freed = first.expired();
  });
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_TRUE(freed);
}

TEST(Interpreter, ObservesEveryComputedValueInOrder) {
  const Model m = model_of(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (bool c, float[2] x) => (y) { t = Neg (x)  y = If (c) <then_branch = a () => (p) { p = Abs (t) }, else_branch = b () => (q) { q = Relu (t) }> })");
  std::string seen;
  const auto r = interpret(*m.graph, {{"c", Tensor::of<bool>({}, {true})}, {"x", Tensor::of<float>({2}, {1, 2})}},
                           [&](const Value& v, const Tensor&) { seen += v.name + " "; });
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(seen, "t p y ");
}
