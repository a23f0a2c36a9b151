// SPDX-License-Identifier: Apache-2.0
// Channels-last layouts change no output.
#include "tests/unit/exec_models.h"

namespace hone {
namespace {

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

}  // namespace
}  // namespace hone
