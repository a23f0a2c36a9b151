// SPDX-License-Identifier: Apache-2.0
// The parameter structs of the kernel families, and for each its inputs, outputs and constants. All sizes are in elements.
#pragma once
#include <cstdint>
#include <limits>

namespace hone {

// An activation clamp applied last; float kernels only. {-inf, inf}: none; {0, inf}: Relu; {0, 6}: Relu6.
struct Clamp {
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
};

// Requantization of an int32 accumulator to uint8 (decision 4): float(acc) * multiplier[channel], rounded half to even, plus zero,
// clamped to [low, high]. multiplier is x_scale*w_scale/y_scale evaluated in that order in float32. int8 tensors are held as
// uint8 with zero points shifted by 128.
struct Requant {
  std::int32_t x_zero = 0, y_zero = 0;
  std::int32_t low = 0, high = 255;
};

// conv, depthwise: x (n, ih, iw, ic) -> y (n, oh, ow, oc), NHWC. Weights in the constants are (oc, kh, kw, ic/group).
//   f32: in {x, residual?}; constants {weight f32, bias f32 or null}; y = clamp(conv + bias + residual)
//   u8:  in {x u8}; constants {weight i8, bias i32 or null, multiplier f32[oc]}; padding counts as x_zero
// "conv" is group == 1; "depthwise" is group == ic == oc; "groupconv" is the rest.
struct ConvParams {
  std::int64_t n, ih, iw, ic, oh, ow, oc, kh, kw;
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, pad_top = 0, pad_left = 0, group = 1;
  bool residual = false;  // in[1] is added before the clamp
  Clamp clamp;
  Requant quant;          // u8 only
};

// gemm: y (batch, m, n) = a (batch, m, k) * b (batch or 1, k, n) + bias (n)
//   constant b: constants {b (k, n), bias or null}, packed; else in {a, b, bias?}
//   u8: a is uint8 with x_zero; b int8 (k, n) constant; constants {b i8, bias i32 or null, multiplier f32[n]}
struct GemmParams {
  std::int64_t batch = 1, m = 0, n = 0, k = 0;
  bool constant_b = true, shared_b = true;  // shared_b: the same b for every batch
  bool transpose_b = false;                 // b is stored (n, k)
  bool has_bias = false;
  float alpha = 1;
  Clamp clamp;
  Requant quant;
};

// maxpool, avgpool: NHWC. u8 avgpool: float(sum - count*x_zero) * multiplier / count, rounded half to even, + y_zero, clamped.
struct PoolParams {
  std::int64_t n, ih, iw, c, oh, ow, kh, kw;
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  bool count_include_pad = false;
  Requant quant;
  float multiplier = 1;  // x_scale / y_scale
};

// add, sub, mul, div, min, max, pow (f32): y = clamp(a op b), numpy broadcasting given as element strides (0: repeated). rank <= 8.
// In place allowed over an operand that is not repeated (its strides are those of y).
// add, mul (u8): add: (a - a_zero)*a_multiplier + (b - b_zero)*b_multiplier; mul: (a - a_zero)*(b - b_zero)*a_multiplier; then round
// half to even, + y_zero, clamp.
struct BinaryParams {
  std::int64_t rank;
  std::int64_t dims[8], a_strides[8], b_strides[8];
  Clamp clamp;
  std::int32_t a_zero = 0, b_zero = 0, y_zero = 0, low = 0, high = 255;
  float a_multiplier = 1, b_multiplier = 1;  // a_scale / y_scale, b_scale / y_scale; for mul a_scale*b_scale/y_scale
};

// unary f32: relu, clip, sigmoid, tanh, hardsigmoid, hardswish, erf, exp, sqrt, gelu, silu, ...; one family each, n elements, in place allowed.
struct UnaryParams {
  std::int64_t n;
  float alpha = 0, beta = 0;  // as the operator's attributes; clip: low, high
};
// lut (u8): y[i] = table[x[i]]; constants {table u8[256]}.
struct LutParams {
  std::int64_t n;
};

// softmax: rows of n contiguous floats. layernorm: in {x, scale, bias?} over rows of n; rmsnorm the same without mean.
struct RowParams {
  std::int64_t rows, n;
  float epsilon = 0;
  bool has_bias = false;
};

// transpose: out[i0][i1].. = in permuted; element_bytes 1, 2, 4 or 8.
struct TransposeParams {
  std::int64_t rank;
  std::int64_t dims[8];   // of the input
  std::int64_t perm[8];
  std::int64_t element_bytes;
};

// quantize: f32 -> u8: x / scale rounded half to even + zero, clamped. dequantize: (x - zero) * scale.
struct QuantizeParams {
  std::int64_t n;
  float scale;
  std::int32_t zero, low = 0, high = 255;
};

}  // namespace hone
