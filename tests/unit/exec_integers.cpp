// SPDX-License-Identifier: Apache-2.0
// Quantized models run on integers and stay within a quantum of the interpreter.
#include "tests/unit/exec_models.h"

namespace hone {
namespace {

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
})",
                 0.1, {"QuantizeLinear", "DequantizeLinear", "Gemm", "hone.Gemm"});
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
})",
                 0, {"QuantizeLinear", "DequantizeLinear", "hone.QGemm"});
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

}  // namespace
}  // namespace hone
