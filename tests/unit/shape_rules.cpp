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

TEST(ShapeRules, ConvolutionSaysItsSizeAsAFormula) {
  const std::string_view in = "float[n, 3, h, 32] x, float[8, 3, 3, 3] w";
  EXPECT_EQ(shape_of(in, "", "y = Conv <pads = [1, 1, 1, 1]> (x, w)"), "nx8xhx32");
  EXPECT_EQ(shape_of(in, "", "y = Conv <strides = [2, 2], pads = [1, 1, 1, 1]> (x, w)"), "nx8xfloor((h + 1)/2)x16");
  EXPECT_EQ(shape_of(in, "", "y = Conv <auto_pad = \"SAME_UPPER\"> (x, w)"), "nx8xhx32");
  EXPECT_EQ(shape_of(in, "", "y = Conv (x, w)"), "nx8xh - 2x30");
  EXPECT_EQ(shape_of(in, "", "y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)"), "nx3xfloor(h/2)x16");
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
  EXPECT_EQ(shape_of("float[n, 3, h, 32] x", "float[4] s = {1, 1, 2, 2}", "y = Resize (x, , s)"), "nx3x2*hx64");
  EXPECT_EQ(shape_of("float[n, 3, h, 32] x", "int64[2] s = {7, 9}", "y = Resize <axes = [2, 3]> (x, , , s)"), "nx3x7x9");
}

TEST(ShapeRules, ShapeArithmeticIsFollowed) {
  EXPECT_EQ(shape_of("float[n, 3, 4] x", "int64 two = {2}, int64[1] i = {0}, int64[1] one = {1}, int64[1] rest = {-1}",
                     "s = Shape (x)  g = Gather (s, i)  m = Mul (g, one)  t = Concat <axis = 0> (m, rest)  y = Reshape (x, t)"),
            "nx12");
}

TEST(ShapeRules, AttentionAndItsKin) {
  EXPECT_EQ(shape_of("float[b, 8, s, 64] q, float[b, 2, t, 64] k, float[b, 2, t, 32] v", "", "y = Attention (q, k, v)", 24), "bx8xsx32");
  EXPECT_EQ(shape_of("float[b, s, 512] q, float[b, t, 128] k, float[b, t, 64] v", "",
                     "y = Attention <q_num_heads = 8, kv_num_heads = 2> (q, k, v)", 24), "bxsx256");
  EXPECT_EQ(shape_of("float[b, 2, 1, 64] q, float[b, 2, 1, 64] k, float[b, 2, past, 64] p", "", ", y = Attention (q, k, k, , p, p)", 24),
            "bx2xpast + 1x64");
  EXPECT_EQ(shape_of("float[b, s, 64] q, float[b, s, 32] k, float[b, s, 16] v", "",
                     "y = LinearAttention <q_num_heads = 4, kv_num_heads = 2, update_rule = \"linear\"> (q, k, v)", 27), "bxsx32");
  EXPECT_EQ(shape_of("float[b, c, s] x, float[c, 1, 4] w", "", ", y = CausalConvWithState (x, w)", 27), "bxcx3");
  EXPECT_EQ(shape_of("float[b, n, s, 64] x, float[s, 32] c, int64[b, s] p", "", "y = RotaryEmbedding (x, c, c, p)", 23), "bxnxsx64");
  EXPECT_EQ(shape_of("float[b, 4, max, 64] x, float[b, 4, 1, 64] u", "", "y = TensorScatter (x, u)", 24), "bx4xmaxx64");
}

TEST(ShapeRules, ImagesAndGrids) {
  EXPECT_EQ(shape_of("uint8[n] x", "", "y = ImageDecoder <pixel_format = \"Grayscale\"> (x)"), "?x?x1");
  EXPECT_EQ(shape_of("float[n, 2, 3] t", "int64[4] s = {5, 3, 8, 9}", "y = AffineGrid (t, s)"), "5x8x9x2");
  EXPECT_EQ(shape_of("float[n, 3, h, w] x", "int64[2] s = {7, 9}", "y = CenterCropPad <axes = [2, 3]> (x, s)"), "nx3x7x9");
  EXPECT_EQ(shape_of("float[n, 3, 4, 4] x, int64[n, 3, 4, 4] i", "", "y = MaxUnpool <kernel_shape = [2, 2], strides = [2, 2]> (x, i)"), "nx3x8x8");
  EXPECT_EQ(shape_of("float[n, 3, 9, 9] x, float[r, 5] b", "", "y = MaxRoiPool <pooled_shape = [2, 3]> (x, b)"), "rx3x2x3");
  EXPECT_EQ(shape_of("float[n, 4, 9, 9] x, float[8, 4, 3, 3] w, float[n, 18, 7, 7] o", "", "y = DeformConv (x, w, o)", 22), "nx8x7x7");
  EXPECT_EQ(shape_of("float[b, bins, 2] x", "", "y = DFT <onesided = 1, inverse = 1> (x)", 20), "bx2*bins - 2x1");
}
