// SPDX-License-Identifier: Apache-2.0
// Shape rules of numeric operators where dimensions are symbolic, and small integers followed through shape arithmetic.
#include <gtest/gtest.h>

#include "lib/ir/text.h"
#include "lib/ops/infer.h"
#include "lib/ops/upgrade.h"

using namespace hone;

// The shape inferred for y, the first output.
static std::string shape_of(std::string_view inputs, std::string_view constants, std::string_view body, int opset = 21) {
  auto model =
      parse_text(format("<ir_version: 10, opset_import: [\"\" : {}]> m ({}) => (y) <{}> {{ {} }}", opset, inputs, constants, body));
  if (!model) return model.error().message;
  if (const Status s = upgrade(*model); !s) return s.error().message;
  if (const Status s = infer_shapes(*model->graph); !s) return s.error().message;
  return to_string(model->graph->outputs[0]->shape);
}

TEST(ShapeRules, ConvolutionKeepsASymbolOnlyWhenTheWindowKeepsTheSize) {
  const std::string_view in = "float[n, 3, h, 32] x, float[8, 3, 3, 3] w";
  EXPECT_EQ(shape_of(in, "", "y = Conv <pads = [1, 1, 1, 1]> (x, w)"), "nx8xhx32");
  EXPECT_EQ(shape_of(in, "", "y = Conv <strides = [2, 2], pads = [1, 1, 1, 1]> (x, w)"), "nx8x?x16");
  EXPECT_EQ(shape_of(in, "", "y = Conv <auto_pad = \"SAME_UPPER\"> (x, w)"), "nx8xhx32");
  EXPECT_EQ(shape_of(in, "", "y = Conv (x, w)"), "nx8x?x30");
  EXPECT_EQ(shape_of(in, "", "y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)"), "nx3x?x16");
  EXPECT_EQ(shape_of(in, "", "y = GlobalAveragePool (x)"), "nx3x1x1");
}

TEST(ShapeRules, ProductsAndBroadcasting) {
  EXPECT_EQ(shape_of("float[b, s, 8] x, float[8, k] w", "", "y = MatMul (x, w)"), "bxsxk");
  EXPECT_EQ(shape_of("float[4, m] x, float[n, 4] w", "", "y = Gemm <transA = 1, transB = 1> (x, w)"), "mxn");
  EXPECT_EQ(shape_of("float[b, 1, k] x, float[s, 1] w", "", "y = Add (x, w)"), "bxsxk");
  EXPECT_EQ(shape_of("float[b, 4] x, float[b, 4] w", "", "y = Mul (x, w)"), "bx4");
  EXPECT_EQ(shape_of("float[b, 4] x, float[c, 4] w", "", "y = Mul (x, w)"), "?x4") << "b and c may differ, or one may be 1";
  EXPECT_NE(shape_of("float[2, 4] x, float[3, 4] w", "", "y = Mul (x, w)").find("2 against 3 on axis -2"), std::string::npos);
  EXPECT_EQ(shape_of("float[b, i, j] x, float[b, j, k] w", "", "y = Einsum <equation = \"bij,bjk->bik\"> (x, w)"), "bxixk");
}

TEST(ShapeRules, ReductionsAndRecurrence) {
  EXPECT_EQ(shape_of("float[b, s, k] x", "int64[1] a = {-1}", "y = ReduceMean <keepdims = 0> (x, a)"), "bxs");
  EXPECT_EQ(shape_of("float[b, s, k] x", "", "y = ReduceMean <axes = [1]> (x)", 13), "bx1xk") << "the old form becomes the new one";
  EXPECT_EQ(shape_of("float[s, b, 5] x, float[2, 16, 5] w, float[2, 16, 4] r", "",
                     "y = LSTM <direction = \"bidirectional\", hidden_size = 4> (x, w, r)"),
            "sx2xbx4");
  EXPECT_EQ(shape_of("float[b, s] x", "", "y = Softmax (x)", 11), "bxs");
}

TEST(ShapeRules, ResizeByKnownScalesAndSizes) {
  EXPECT_EQ(shape_of("float[n, 3, h, 32] x", "float[4] s = {1, 1, 2, 2}", "y = Resize (x, , s)"), "nx3x?x64");
  EXPECT_EQ(shape_of("float[n, 3, h, 32] x", "int64[2] s = {7, 9}", "y = Resize <axes = [2, 3]> (x, , , s)"), "nx3x7x9");
}

TEST(ShapeRules, ShapeArithmeticIsFollowed) {
  EXPECT_EQ(shape_of("float[n, 3, 4] x", "int64 two = {2}, int64[1] i = {0}, int64[1] one = {1}, int64[1] rest = {-1}",
                     "s = Shape (x)  g = Gather (s, i)  m = Mul (g, one)  t = Concat <axis = 0> (m, rest)  y = Reshape (x, t)"),
            "nx12");
}
