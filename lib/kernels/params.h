// SPDX-License-Identifier: Apache-2.0
// The parameter structs of the kernel families, and for each its inputs, outputs and constants. All sizes are in elements.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>

namespace hone {

// An activation clamp applied last; float kernels only. {-inf, inf}: none; {0, inf}: Relu; {0, 6}: Relu6. NaN stays NaN.
struct Clamp {
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
};

// Requantization of an int32 accumulator to uint8 (decision 4), the same bytes on every CPU:
//   r = float(acc) * multiplier[channel]               one float32 conversion and one float32 multiply, each rounded to nearest even
//   y = int(round_half_even(clamp(r, low - y_zero, high - y_zero))) + y_zero
// Clamping comes before the conversion to an integer, so nothing overflows. multiplier is x_scale*w_scale/y_scale evaluated in
// that order in float32, and finite. 0 <= low <= high <= 255. int8 tensors are held as uint8 with zero points shifted by 128.
struct Requant {
  std::int32_t x_zero = 0, y_zero = 0;
  std::int32_t low = 0, high = 255;
};

// The most products an int8 accumulator takes: 65535 * 255 * 128 < 2^31. Deeper cases are not accepted.
inline constexpr std::int64_t max_int8_depth = 65535;

// conv, depthwise, groupconv: x (n, ih, iw, ic) -> y (n, oh, ow, oc), NHWC. Weights in the constants are (oc, kh, kw, ic/group).
//   f32: in {x, residual?}; constants {weight f32, bias f32 or null}; y = clamp(conv + bias + residual); residual may be y
//   u8:  in {x u8}; constants {weight i8, bias i32 or null, multiplier f32[oc]}; padding counts as x_zero
// "conv" is group == 1; "depthwise" is group == ic == oc; "groupconv" is the rest (it accepts any group). Padding at the bottom
// and right is what oh and ow imply.
struct ConvParams {
  std::int64_t n, ih, iw, ic, oh, ow, oc, kh, kw;
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, pad_top = 0, pad_left = 0, group = 1;
  bool residual = false;  // in[1] is added before the clamp
  Clamp clamp = {};
  Requant quant = {};     // u8 only
};

// gemm: y (batch, m, n) = clamp(alpha * a (batch, m, k) * b (batch or 1, k, n) + bias (n))
//   constant b: constants {b (k, n), bias or null}, packed, shared by every batch; else in {a, b, bias?}
//   u8: a is uint8 with x_zero; b int8 (k, n) constant; constants {b i8, bias i32 or null, multiplier f32[n]}; alpha is 1
struct GemmParams {
  std::int64_t batch = 1, m, n, k;
  bool constant_b = true, shared_b = true;  // shared_b: the same b for every batch
  bool transpose_b = false;                 // b is stored (n, k)
  bool has_bias = false;                    // in[2] holds a bias (not constant_b)
  float alpha = 1;
  Clamp clamp = {};
  Requant quant = {};
};

// maxpool, avgpool: NHWC; every window has at least one tap in the image. Padding never wins a maximum.
//   avgpool u8: s = sum over the taps in the image of (x - x_zero); r = float(s) * (multiplier / float(count)); y as Requant says
//   maxpool u8: the maximum, clamped to [quant.low, quant.high]; f32: no clamp
struct PoolParams {
  std::int64_t n, ih, iw, c, oh, ow, kh, kw;
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  bool count_include_pad = false;  // count the taps in the padded image (ih + pads, iw + pads), else those in the image
  Requant quant = {};
  float multiplier = 1;  // x_scale / y_scale
};

// add, sub, mul, div, min, max, pow (f32): y = clamp(a op b), numpy broadcasting given as element strides (0: repeated).
// 0 <= rank <= 8; y is contiguous and may be a or b where their strides are those of y.
// add, mul (u8): r = float(a - a_zero)*a_multiplier + float(b - b_zero)*b_multiplier; mul: float((a - a_zero)*(b - b_zero))*a_multiplier;
// each operation rounded to float32; y = int(round_half_even(clamp(r, low - y_zero, high - y_zero))) + y_zero.
struct BinaryParams {
  std::int64_t rank;
  std::int64_t dims[8], a_strides[8], b_strides[8];
  Clamp clamp = {};
  std::int32_t a_zero = 0, b_zero = 0, y_zero = 0, low = 0, high = 255;
  float a_multiplier = 1, b_multiplier = 1;  // a_scale / y_scale, b_scale / y_scale; for mul a_scale*b_scale/y_scale
};

// Unary f32, one family each, n elements, in place allowed: abs, neg, reciprocal, sqrt, relu, leakyrelu (alpha), clip (alpha: low,
// beta: high), exp, log, sigmoid, tanh, erf, silu (x * sigmoid(x)), gelu (erf), gelu_tanh, hardsigmoid (alpha, beta), hardswish,
// softplus, elu (alpha).
struct UnaryParams {
  std::int64_t n;
  float alpha = 0, beta = 0;
};
// lut (u8): y[i] = table[x[i]]; constants {table u8[256]}; in place allowed.
struct LutParams {
  std::int64_t n;
};

// f32 over rows of n contiguous elements. softmax; layernorm, rmsnorm: in {x, scale (n), bias (n)?}; reducemean, reducesum: (rows, n) -> (rows).
struct RowParams {
  std::int64_t rows, n;
  float epsilon = 0;
  bool has_bias = false;
};

// transpose (dtype u8, for elements of any type): out[i0][i1].. = in permuted; element_bytes 1, 2, 4 or 8.
struct TransposeParams {
  std::int64_t rank;
  std::int64_t dims[8];   // of the input
  std::int64_t perm[8];
  std::int64_t element_bytes;
};

// quantize (u8): f32 -> u8, y = int(round_half_even(clamp(x / scale, low - zero, high - zero))) + zero; NaN gives low.
// dequantize (u8): u8 -> f32, (x - zero) * scale.
struct QuantizeParams {
  std::int64_t n;
  float scale;
  std::int32_t zero, low = 0, high = 255;
};

// resize_nearest (dtype u8, for pixels of any type; c is then the bytes of a pixel), resize_linear (f32): NHWC (n, ih, iw, c) ->
// (n, oh, ow, c). Constants, packed with the kernel: {row of each output row, column of each output column}, as the operator's
// coordinate rule gives: nearest: int32[oh], int32[ow]; linear: float[oh], float[ow], clamped to the image by the kernel.
struct ResizeParams {
  std::int64_t n, ih, iw, c, oh, ow;
};

}  // namespace hone
