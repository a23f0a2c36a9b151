// SPDX-License-Identifier: Apache-2.0
// The forms that the operators of ai.onnx had from opset 7 on, as docs/Changelog.md of onnx/onnx tells them. A line of a version says
// what changed against the one before: (inputs) -> (outputs), <attributes>, types; words as in the schemas of lib/ops/op.h. A sparse
// tensor counts as a tensor.
#include "lib/onnx/history.h"

namespace hone {

const std::string_view operator_history = R"(
Abs
  6 (X: T) -> (Y: T) T: integers float16 float double
  13 T: numeric
Acos
  7 (input: T) -> (output: T) T: float16 float double
  22 T: floats
Acosh
  9 (input: T) -> (output: T) T: float16 float double
  22 T: floats
Add
  7 (A: T, B: T) -> (C: T) T: float16 float double int32 int64 uint32 uint64
  13 T: floats int32 int64 uint32 uint64
  14 T: numeric
AffineGrid
  20 (theta: T1, size: T2) -> (grid: T1) <align_corners: int> T1: floats; T2: int64
And
  7 (A: T, B: T) -> (C: T1) T: bool; T1: bool
ArgMax
  1 (data: T) -> (reduced: int64) <axis: int, keepdims: int> T: integers float16 float double
  11
  12 <axis: int, keepdims: int, select_last_index: int>
  13 T: numeric
ArgMin
  1 (data: T) -> (reduced: int64) <axis: int, keepdims: int> T: integers float16 float double
  11
  12 <axis: int, keepdims: int, select_last_index: int>
  13 T: numeric
Asin
  7 (input: T) -> (output: T) T: float16 float double
  22 T: floats
Asinh
  9 (input: T) -> (output: T) T: float16 float double
  22 T: floats
Atan
  7 (input: T) -> (output: T) T: float16 float double
  22 T: floats
Atanh
  9 (input: T) -> (output: T) T: float16 float double
  22 T: floats
Attention
  23 (Q: T1, K: T1, V: T2, attn_mask?: U, past_key?: T1, past_value?: T2) -> (Y: T1, present_key?: T1, present_value?: T2,
      qk_matmul_output?: T1) <is_causal: int, kv_num_heads: int, q_num_heads: int, qk_matmul_output_mode: int, scale: float, softcap:
      float, softmax_precision: int> T1: floats; T2: floats; U: numeric bool
  24 (Q: T1, K: T1, V: T2, attn_mask?: U, past_key?: T1, past_value?: T2, nonpad_kv_seqlen?: int64) -> (Y: T1, present_key?: T1,
      present_value?: T2, qk_matmul_output?: T1)
  25 <is_causal: int, kv_num_heads: int, left_window_size: int, q_num_heads: int, qk_matmul_output_mode: int, right_window_size: int,
      scale: float, softcap: float, softmax_precision: int>
AveragePool
  7 (X: T) -> (Y: T) <auto_pad: string, count_include_pad: int, kernel_shape!: ints, pads: ints, strides: ints> T: float16 float double
  10 <auto_pad: string, ceil_mode: int, count_include_pad: int, kernel_shape!: ints, pads: ints, strides: ints>
  11
  19 <auto_pad: string, ceil_mode: int, count_include_pad: int, dilations: ints, kernel_shape!: ints, pads: ints, strides: ints>
  22 T: floats
BatchNormalization
  7 (X: T, scale: T, B: T, mean: T, var: T) -> (Y: T, mean?: T, var?: T, saved_mean?: T, saved_var?: T) <epsilon: float, momentum:
      float, spatial: int> T: float16 float double
  9 <epsilon: float, momentum: float>
  14 (X: T, scale: T, B: T, input_mean: U, input_var: U) -> (Y: T, running_mean?: U, running_var?: U) <epsilon: float, momentum: float,
      training_mode: int> T: floats; U: floats
  15 (X: T, scale: T1, B: T1, input_mean: T2, input_var: T2) -> (Y: T, running_mean?: T2, running_var?: T2) T: floats; T1: floats; T2:
      floats
Bernoulli
  15 (input: T1) -> (output: T2) <dtype: int, seed: float> T1: float16 float double; T2: numeric bool
  22 T1: floats; T2: numeric bool
BitCast
  26 (input: T1) -> (output: T2) <to!: int> T1: numeric float8 bool complex64 complex128 float8e8m0 float4e2m1 int4 uint4 int2 uint2;
      T2: numeric float8 bool complex64 complex128 float8e8m0 float4e2m1 int4 uint4 int2 uint2
BitShift
  11 (X: T, Y: T) -> (Z: T) <direction!: string> T: uint8 uint16 uint32 uint64
BitwiseAnd
  18 (A: T, B: T) -> (C: T) T: integers
BitwiseNot
  18 (X: T) -> (Y: T) T: integers
BitwiseOr
  18 (A: T, B: T) -> (C: T) T: integers
BitwiseXor
  18 (A: T, B: T) -> (C: T) T: integers
BlackmanWindow
  17 (size: T1) -> (output: T2) <output_datatype: int, periodic: int> T1: int32 int64; T2: numeric
Cast
  6 (input: T1) -> (output: T2) <to!: int> T1: integers float16 float double bool; T2: integers float16 float double bool
  9 T1: integers float16 float double bool string; T2: integers float16 float double bool string
  13 T1: numeric bool string; T2: numeric bool string
  19 <saturate: int, to!: int> T1: numeric float8 bool string; T2: numeric float8 bool string
  21 T1: numeric float8 bool string int4 uint4; T2: numeric float8 bool string int4 uint4
  23 T1: numeric float8 bool string float4e2m1 int4 uint4; T2: numeric float8 bool string float4e2m1 int4 uint4
  24 <round_mode: string, saturate: int, to!: int> T1: numeric float8 bool string float8e8m0 float4e2m1 int4 uint4; T2: numeric float8
      bool string float8e8m0 float4e2m1 int4 uint4
  25 T1: numeric float8 bool string float8e8m0 float4e2m1 int4 uint4 int2 uint2; T2: numeric float8 bool string float8e8m0 float4e2m1
      int4 uint4 int2 uint2
CastLike
  15 (input: T1, target_type: T2) -> (output: T2) T1: numeric bool string; T2: numeric bool string
  19 <saturate: int> T1: numeric float8 bool string; T2: numeric float8 bool string
  21 T1: numeric float8 bool string int4 uint4; T2: numeric float8 bool string int4 uint4
  23 T1: numeric float8 bool string float4e2m1 int4 uint4; T2: numeric float8 bool string float4e2m1 int4 uint4
  24 <round_mode: string, saturate: int> T1: numeric float8 bool string float8e8m0 float4e2m1 int4 uint4; T2: numeric float8 bool
      string float8e8m0 float4e2m1 int4 uint4
  25 T1: numeric float8 bool string float8e8m0 float4e2m1 int4 uint4 int2 uint2; T2: numeric float8 bool string float8e8m0 float4e2m1
      int4 uint4 int2 uint2
CausalConvWithState
  27 (input: T, weight: T, bias?: T, past_state?: T) -> (output: T, present_state: T) <activation: string> T: float16 bfloat16 float
Ceil
  6 (X: T) -> (Y: T) T: float16 float double
  13 T: floats
Celu
  12 (X: T) -> (Y: T) <alpha: float> T: float
  28 T: floats
CenterCropPad
  18 (input_data: T, shape: Tind) -> (output_data: T) <axes: ints> T: numeric bool string complex64 complex128; Tind: int32 int64
Clip
  6 (input: T) -> (output: T) <max: float, min: float> T: float16 float double
  11 (input: T, min?: T, max?: T) -> (output: T) <>
  12 T: integers float16 float double
  13 T: numeric
Col2Im
  18 (input: T, image_shape: int64, block_shape: int64) -> (output: T) <dilations: ints, pads: ints, strides: ints> T: numeric bool
      string complex64 complex128
Compress
  9 (input: T, condition: T1) -> (output: T) <axis: int> T: integers float16 float double bool string complex64 complex128; T1: bool
  11
Concat
  4 (inputs...: T) -> (concat_result: T) <axis!: int> T: integers float16 float double bool string complex64 complex128
  11
  13 T: numeric bool string complex64 complex128
ConcatFromSequence
  11 (input_sequence: S) -> (concat_result: T) <axis!: int, new_axis: int> S: seq; T: integers float16 float double bool string
      complex64 complex128
Constant
  1 () -> (output: T) <value!: tensor> T: float16 float double
  9 T: integers float16 float double bool string complex64 complex128
  11 <sparse_value: tensor, value: tensor>
  12 <sparse_value: tensor, value: tensor, value_float: float, value_floats: floats, value_int: int, value_ints: ints, value_string:
      string, value_strings: strings>
  13 T: numeric bool string complex64 complex128
  19 T: numeric float8 bool string complex64 complex128
  21 T: numeric float8 bool string complex64 complex128 int4 uint4
  23 T: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4
  24 T: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4
  25 T: all
ConstantOfShape
  9 (input: T1) -> (output: T2) <value: tensor> T1: int64; T2: integers float16 float double bool
  20 T1: int64; T2: numeric float8 bool
  21 T1: int64; T2: numeric float8 bool int4 uint4
  23 T1: int64; T2: numeric float8 bool float4e2m1 int4 uint4
  24 T1: int64; T2: numeric float8 bool float8e8m0 float4e2m1 int4 uint4
  25 T1: int64; T2: numeric float8 bool float8e8m0 float4e2m1 int4 uint4 int2 uint2
Conv
  1 (X: T, W: T, B?: T) -> (Y: T) <auto_pad: string, dilations: ints, group: int, kernel_shape: ints, pads: ints, strides: ints> T:
      float16 float double
  11
  22 T: floats
ConvInteger
  10 (x: T1, w: T2, x_zero_point?: T1, w_zero_point?: T2) -> (y: T3) <auto_pad: string, dilations: ints, group: int, kernel_shape:
      ints, pads: ints, strides: ints> T1: int8 uint8; T2: int8 uint8; T3: int32
ConvTranspose
  1 (X: T, W: T, B?: T) -> (Y: T) <auto_pad: string, dilations: ints, group: int, kernel_shape: ints, output_padding: ints,
      output_shape: ints, pads: ints, strides: ints> T: float16 float double
  11
  22 T: floats
Cos
  7 (input: T) -> (output: T) T: float16 float double
  22 T: floats
Cosh
  9 (input: T) -> (output: T) T: float16 float double
  22 T: floats
CumProd
  26 (x: T, axis: T2) -> (y: T) <exclusive: int, reverse: int> T: floats int32 int64 uint32 uint64; T2: int32 int64
CumSum
  11 (x: T, axis: T2) -> (y: T) <exclusive: int, reverse: int> T: float double int32 int64 uint32 uint64; T2: int32 int64
  14 T: floats int32 int64 uint32 uint64; T2: int32 int64
DeformConv
  19 (X: T, W: T, offset: T, B?: T, mask?: T) -> (Y: T) <dilations: ints, group: int, kernel_shape: ints, offset_group: int, pads:
      ints, strides: ints> T: float16 float double
  22 T: floats
DepthToSpace
  1 (input: T) -> (output: T) <blocksize!: int> T: integers float16 float double bool string complex64 complex128
  11 <blocksize!: int, mode: string>
  13 T: numeric bool string complex64 complex128
DequantizeLinear
  10 (x: T, x_scale: float, x_zero_point?: T) -> (y: float) T: int8 int32 uint8
  13 <axis: int>
  19 (x: T1, x_scale: T2, x_zero_point?: T1) -> (y: T2) T1: float8 int8 int32 uint8; T2: float16 bfloat16 float
  21 <axis: int, block_size: int> T1: float8 int8 int16 int32 uint8 uint16 int4 uint4; T2: float16 bfloat16 float
  23 (x: T1, x_scale: T2, x_zero_point?: T1) -> (y: T3) <axis: int, block_size: int, output_dtype: int> T1: float8 int8 int16 int32
      uint8 uint16 float4e2m1 int4 uint4; T2: float16 bfloat16 float; T3: float16 bfloat16 float
  24 T1: float8 int8 int16 int32 uint8 uint16 float4e2m1 int4 uint4; T2: float16 bfloat16 float float8e8m0; T3: float16 bfloat16 float
  25 T1: float8 int8 int16 int32 uint8 uint16 float4e2m1 int4 uint4 int2 uint2; T2: float16 bfloat16 float float8e8m0; T3: float16
      bfloat16 float
Det
  11 (X: T) -> (Y: T) T: float16 float double
  22 T: floats
DFT
  17 (input: T1, dft_length?: T2) -> (output: T1) <axis: int, inverse: int, onesided: int> T1: floats; T2: int32 int64
  20 (input: T1, dft_length?: T2, axis?: int64) -> (output: T1) <inverse: int, onesided: int>
Div
  7 (A: T, B: T) -> (C: T) T: float16 float double int32 int64 uint32 uint64
  13 T: floats int32 int64 uint32 uint64
  14 T: numeric
Dropout
  7 (data: T) -> (output: T, mask?: T) <ratio: float> T: float16 float double
  10 (data: T) -> (output: T, mask?: T1) T: float16 float double; T1: bool
  12 (data: T, ratio?: T1, training_mode?: T2) -> (output: T, mask?: T2) <seed: int> T: float16 float double; T1: float16 float double;
      T2: bool
  13 T: floats; T1: float16 float double; T2: bool
  22 T: floats float8; T1: floats float8; T2: bool
DynamicQuantizeLinear
  11 (x: T1) -> (y: T2, y_scale: float, y_zero_point: T2) T1: float; T2: uint8
Einsum
  12 (Inputs...: T) -> (Output: T) <equation!: string> T: integers float16 float double
Elu
  6 (X: T) -> (Y: T) <alpha: float> T: float16 float double
  22 T: floats
Equal
  7 (A: T, B: T) -> (C: T1) T: int32 int64 bool; T1: bool
  11 T: integers float16 float double bool; T1: bool
  13 T: numeric bool; T1: bool
  19 T: numeric bool string; T1: bool
Erf
  9 (input: T) -> (output: T) T: integers float16 float double
  13 T: floats
Exp
  6 (input: T) -> (output: T) T: float16 float double
  13 T: floats
Expand
  8 (input: T, shape: int64) -> (output: T) T: integers float16 float double bool string complex64 complex128
  13 T: numeric bool string complex64 complex128
EyeLike
  9 (input: T1) -> (output: T2) <dtype: int, k: int> T1: integers float16 float double bool; T2: integers float16 float double bool
  22 T1: numeric bool; T2: numeric bool
Flatten
  1 (input: T) -> (output: T) <axis: int> T: float16 float double
  9 T: integers float16 float double bool string complex64 complex128
  11
  13 T: numeric bool string complex64 complex128
  21 T: numeric float8 bool string complex64 complex128 int4 uint4
  23 T: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4
  24 T: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4
  25 T: all
Floor
  6 (X: T) -> (Y: T) T: float16 float double
  13 T: floats
Gather
  1 (data: T, indices: Tind) -> (output: T) <axis: int> T: integers float16 float double bool string complex64 complex128; Tind: int32
      int64
  11
  13 T: numeric bool string complex64 complex128; Tind: int32 int64
GatherElements
  11 (data: T, indices: Tind) -> (output: T) <axis: int> T: integers float16 float double bool string complex64 complex128; Tind: int32
      int64
  13 T: numeric bool string complex64 complex128; Tind: int32 int64
GatherND
  11 (data: T, indices: int64) -> (output: T) T: integers float16 float double bool string complex64 complex128
  12 <batch_dims: int>
  13 T: numeric bool string complex64 complex128
Gelu
  20 (X: T) -> (Y: T) <approximate: string> T: floats
Gemm
  7 (A: T, B: T, C: T) -> (Y: T) <alpha: float, beta: float, transA: int, transB: int> T: float16 float double
  9 T: float16 float double int32 int64 uint32 uint64
  11 (A: T, B: T, C?: T) -> (Y: T)
  13 T: floats int32 int64 uint32 uint64
GlobalAveragePool
  1 (X: T) -> (Y: T) T: float16 float double
  22 T: floats
GlobalLpPool
  2 (X: T) -> (Y: T) <p: int> T: float16 float double
  22 T: floats
GlobalMaxPool
  1 (X: T) -> (Y: T) T: float16 float double
  22 T: floats
Greater
  7 (A: T, B: T) -> (C: T1) T: float16 float double; T1: bool
  9 T: integers float16 float double; T1: bool
  13 T: numeric; T1: bool
GreaterOrEqual
  12 (A: T, B: T) -> (C: T1) T: integers float16 float double; T1: bool
  16 T: numeric; T1: bool
GridSample
  16 (X: T1, grid: T2) -> (Y: T1) <align_corners: int, mode: string, padding_mode: string> T1: integers float16 float double bool
      string complex64 complex128; T2: float16 float double
  20
  22 T1: numeric bool string complex64 complex128; T2: floats
GroupNormalization
  18 deprecated
  21 (X: T, scale: T, bias: T) -> (Y: T) <epsilon: float, num_groups!: int, stash_type: int> T: floats
GRU
  7 (X: T, W: T, R: T, B?: T, sequence_lens?: T1, initial_h?: T) -> (Y?: T, Y_h?: T) <activation_alpha: floats, activation_beta:
      floats, activations: strings, clip: float, direction: string, hidden_size: int, linear_before_reset: int> T: float16 float
      double; T1: int32
  14 <activation_alpha: floats, activation_beta: floats, activations: strings, clip: float, direction: string, hidden_size: int,
      layout: int, linear_before_reset: int>
  22 T: floats; T1: int32
HammingWindow
  17 (size: T1) -> (output: T2) <output_datatype: int, periodic: int> T1: int32 int64; T2: numeric
HannWindow
  17 (size: T1) -> (output: T2) <output_datatype: int, periodic: int> T1: int32 int64; T2: numeric
Hardmax
  1 (input: T) -> (output: T) <axis: int> T: float16 float double
  11
  13 T: floats
HardSigmoid
  6 (X: T) -> (Y: T) <alpha: float, beta: float> T: float16 float double
  22 T: floats
HardSwish
  14 (X: T) -> (Y: T) T: float16 float double
  22 T: floats
Identity
  1 (input: T) -> (output: T) T: integers float16 float double bool string complex64 complex128
  13 T: numeric bool string complex64 complex128
  14 (input: V) -> (output: V) V: numeric bool string complex64 complex128 seq
  16 V: numeric bool string complex64 complex128 seq optional
  19 V: numeric float8 bool string complex64 complex128 seq optional
  21 V: numeric float8 bool string complex64 complex128 int4 uint4 seq optional
  23 V: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4 seq optional
  24 V: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4 seq optional
  25 V: all seq optional
If
  1 (cond: B) -> (outputs...: V) <else_branch!: graph, then_branch!: graph> V: integers float16 float double bool string complex64
      complex128; B: bool
  11
  13 V: integers float16 float double bool string complex64 complex128 seq; B: bool
  16 V: numeric bool string complex64 complex128 seq optional; B: bool
  19 V: numeric float8 bool string complex64 complex128 seq optional; B: bool
  21 V: numeric float8 bool string complex64 complex128 int4 uint4 seq optional; B: bool
  23 V: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4 seq optional; B: bool
  24 V: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4 seq optional; B: bool
  25 V: all seq optional; B: bool
ImageDecoder
  20 (encoded_stream: T1) -> (image: T2) <pixel_format: string> T1: uint8; T2: uint8
InstanceNormalization
  6 (input: T, scale: T, B: T) -> (output: T) <epsilon: float> T: float16 float double
  22 T: floats
IsInf
  10 (X: T1) -> (Y: T2) <detect_negative: int, detect_positive: int> T1: float double; T2: bool
  20 T1: floats float8; T2: bool
IsNaN
  9 (X: T1) -> (Y: T2) T1: float16 float double; T2: bool
  13 T1: floats; T2: bool
  20 T1: floats float8; T2: bool
LayerNormalization
  17 (X: T, Scale: T, B?: T) -> (Y: T, Mean?: U, InvStdDev?: U) <axis: int, epsilon: float, stash_type: int> T: floats; U: bfloat16
      float
LeakyRelu
  6 (X: T) -> (Y: T) <alpha: float> T: float16 float double
  16 T: floats
Less
  7 (A: T, B: T) -> (C: T1) T: float16 float double; T1: bool
  9 T: integers float16 float double; T1: bool
  13 T: numeric; T1: bool
LessOrEqual
  12 (A: T, B: T) -> (C: T1) T: integers float16 float double; T1: bool
  16 T: numeric; T1: bool
LinearAttention
  27 (query: T, key: T, value: T, past_state?: S, decay?: T, beta?: T) -> (output: T, present_state: S) <chunk_size: int,
      kv_num_heads!: int, q_num_heads!: int, scale: float, update_rule: string> T: float16 bfloat16 float; S: float16 bfloat16 float
Log
  6 (input: T) -> (output: T) T: float16 float double
  13 T: floats
LogSoftmax
  1 (input: T) -> (output: T) <axis: int> T: float16 float double
  11
  13 T: floats
Loop
  1 (M?: I, cond?: B, v_initial...: V) -> (v_final_and_scan_outputs...: V) <body!: graph> V: integers float16 float double bool string
      complex64 complex128; I: int64; B: bool
  11
  13 V: integers float16 float double bool string complex64 complex128 seq; I: int64; B: bool
  16 V: numeric bool string complex64 complex128 seq optional; I: int64; B: bool
  19 V: numeric float8 bool string complex64 complex128 seq optional; I: int64; B: bool
  21 V: numeric float8 bool string complex64 complex128 int4 uint4 seq optional; I: int64; B: bool
  23 V: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4 seq optional; I: int64; B: bool
  24 V: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4 seq optional; I: int64; B: bool
  25 V: all seq optional; I: int64; B: bool
LpNormalization
  1 (input: T) -> (output: T) <axis: int, p: int> T: float16 float double
  22 T: floats
LpPool
  2 (X: T) -> (Y: T) <auto_pad: string, kernel_shape!: ints, p: int, pads: ints, strides: ints> T: float16 float double
  11
  18 <auto_pad: string, ceil_mode: int, dilations: ints, kernel_shape!: ints, p: int, pads: ints, strides: ints>
  22 T: floats
LRN
  1 (X: T) -> (Y: T) <alpha: float, beta: float, bias: float, size!: int> T: float16 float double
  13 T: floats
LSTM
  7 (X: T, W: T, R: T, B?: T, sequence_lens?: T1, initial_h?: T, initial_c?: T, P?: T) -> (Y?: T, Y_h?: T, Y_c?: T) <activation_alpha:
      floats, activation_beta: floats, activations: strings, clip: float, direction: string, hidden_size: int, input_forget: int> T:
      float16 float double; T1: int32
  14 <activation_alpha: floats, activation_beta: floats, activations: strings, clip: float, direction: string, hidden_size: int,
      input_forget: int, layout: int>
  22 T: floats; T1: int32
MatMul
  1 (A: T, B: T) -> (Y: T) T: float16 float double
  9 T: float16 float double int32 int64 uint32 uint64
  13 T: floats int32 int64 uint32 uint64
MatMulInteger
  10 (A: T1, B: T2, a_zero_point?: T1, b_zero_point?: T2) -> (Y: T3) T1: int8 uint8; T2: int8 uint8; T3: int32
Max
  6 (data_0...: T) -> (max: T) T: float16 float double
  8
  12 T: integers float16 float double
  13 T: numeric
MaxPool
  1 (X: T) -> (Y: T) <auto_pad: string, kernel_shape!: ints, pads: ints, strides: ints> T: float16 float double
  8 (X: T) -> (Y: T, Indices?: I) <auto_pad: string, kernel_shape!: ints, pads: ints, storage_order: int, strides: ints> T: float16
      float double; I: int64
  10 <auto_pad: string, ceil_mode: int, dilations: ints, kernel_shape!: ints, pads: ints, storage_order: int, strides: ints>
  11
  12 T: float16 float double int8 uint8; I: int64
  22 T: floats int8 uint8; I: int64
MaxRoiPool
  1 (X: T, rois: T) -> (Y: T) <pooled_shape!: ints, spatial_scale: float> T: float16 float double
  22 T: floats
MaxUnpool
  9 (X: T1, I: T2, output_shape?: T2) -> (output: T1) <kernel_shape!: ints, pads: ints, strides: ints> T1: float16 float double; T2:
      int64
  11
  22 T1: floats; T2: int64
Mean
  6 (data_0...: T) -> (mean: T) T: float16 float double
  8
  13 T: floats
MeanVarianceNormalization
  9 (X: T) -> (Y: T) <axes: ints> T: float16 float double
  13 T: floats
MelWeightMatrix
  17 (num_mel_bins: T1, dft_length: T1, sample_rate: T1, lower_edge_hertz: T2, upper_edge_hertz: T2) -> (output: T3) <output_datatype:
      int> T1: int32 int64; T2: floats; T3: numeric
Min
  6 (data_0...: T) -> (min: T) T: float16 float double
  8
  12 T: integers float16 float double
  13 T: numeric
Mish
  18 (X: T) -> (Y: T) T: float16 float double
  22 T: floats
Mod
  10 (A: T, B: T) -> (C: T) <fmod: int> T: integers float16 float double
  13 T: numeric
Mul
  7 (A: T, B: T) -> (C: T) T: float16 float double int32 int64 uint32 uint64
  13 T: floats int32 int64 uint32 uint64
  14 T: numeric
Multinomial
  7 (input: T1) -> (output: T2) <dtype: int, sample_size: int, seed: float> T1: float16 float double; T2: int32 int64
  22 T1: floats; T2: int32 int64
Neg
  6 (X: T) -> (Y: T) T: float16 float double int8 int16 int32 int64
  13 T: floats int8 int16 int32 int64
NegativeLogLikelihoodLoss
  12 (input: T, target: Tind, weight?: T) -> (loss: T) <ignore_index: int, reduction: string> T: float16 float double; Tind: int32 int64
  13
  22 T: floats; Tind: int32 int64
NonMaxSuppression
  10 (boxes: float, scores: float, max_output_boxes_per_class?: int64, iou_threshold?: float, score_threshold?: float) ->
      (selected_indices: int64) <center_point_box: int>
  11
NonZero
  9 (X: T) -> (Y: int64) T: integers float16 float double bool string complex64 complex128
  13 T: numeric bool string complex64 complex128
Not
  1 (X: T) -> (Y: T) T: bool
OneHot
  9 (indices: T1, depth: T2, values: T3) -> (output: T3) <axis: int> T1: integers float16 float double; T2: integers float16 float
      double; T3: integers float16 float double bool string complex64 complex128
  11
Optional
  15 (input?: V) -> (output: O) <type: type> V: integers float16 float double bool string complex64 complex128 seq; O: optional
OptionalGetElement
  15 (input: O) -> (output: V) O: optional; V: integers float16 float double bool string complex64 complex128 seq
  18 O: integers float16 float double bool string complex64 complex128 seq optional; V: integers float16 float double bool string
      complex64 complex128 seq
OptionalHasElement
  15 (input: O) -> (output: B) O: optional; B: bool
  18 (input?: O) -> (output: B) O: integers float16 float double bool string complex64 complex128 seq optional; B: bool
Or
  7 (A: T, B: T) -> (C: T1) T: bool; T1: bool
Pad
  2 (data: T) -> (output: T) <mode: string, pads!: ints, value: float> T: float16 float double
  11 (data: T, pads: int64, constant_value?: T) -> (output: T) <mode: string> T: integers float16 float double
  13 T: numeric bool string complex64 complex128
  18 (data: T, pads: int64, constant_value?: T, axes?: Tind) -> (output: T) T: numeric bool string complex64 complex128; Tind: int32
      int64
  19
  21 T: numeric float8 bool string complex64 complex128 int4 uint4; Tind: int32 int64
  23 T: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4; Tind: int32 int64
  24 T: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4; Tind: int32 int64
  25 T: all; Tind: int32 int64
Pow
  7 (X: T, Y: T) -> (Z: T) T: float16 float double
  12 (X: T, Y: T1) -> (Z: T) T: float16 float double int32 int64; T1: integers float16 float double
  13 T: floats int32 int64; T1: integers float16 float double
  15 T: floats int32 int64; T1: numeric
PRelu
  7 (X: T, slope: T) -> (Y: T) T: float16 float double
  9 T: float16 float double int32 int64 uint32 uint64
  16 T: floats int32 int64 uint32 uint64
QLinearConv
  10 (x: T1, x_scale: float, x_zero_point: T1, w: T2, w_scale: float, w_zero_point: T2, y_scale: float, y_zero_point: T3, B?: T4) ->
      (y: T3) <auto_pad: string, dilations: ints, group: int, kernel_shape: ints, pads: ints, strides: ints> T1: int8 uint8; T2: int8
      uint8; T3: int8 uint8; T4: int32
QLinearMatMul
  10 (a: T1, a_scale: float, a_zero_point: T1, b: T2, b_scale: float, b_zero_point: T2, y_scale: float, y_zero_point: T3) -> (y: T3)
      T1: int8 uint8; T2: int8 uint8; T3: int8 uint8
  21 (a: T1, a_scale: TS, a_zero_point: T1, b: T2, b_scale: TS, b_zero_point: T2, y_scale: TS, y_zero_point: T3) -> (y: T3) TS: float16
      bfloat16 float; T1: float8 int8 uint8; T2: float8 int8 uint8; T3: float8 int8 uint8
QuantizeLinear
  10 (x: T1, y_scale: float, y_zero_point?: T2) -> (y: T2) T1: float int32; T2: int8 uint8
  13 <axis: int>
  19 (x: T1, y_scale: T1, y_zero_point?: T2) -> (y: T2) <axis: int, saturate: int> T1: float16 bfloat16 float int32; T2: float8 int8
      uint8
  21 <axis: int, block_size: int, output_dtype: int, saturate: int> T1: float16 bfloat16 float int32; T2: float8 int8 int16 uint8
      uint16 int4 uint4
  23 (x: T1, y_scale: T2, y_zero_point?: T3) -> (y: T3) <axis: int, block_size: int, output_dtype: int, precision: int, saturate: int>
      T1: float16 bfloat16 float int32; T2: float16 bfloat16 float int32; T3: float8 int8 int16 uint8 uint16 float4e2m1 int4 uint4
  24 T1: float16 bfloat16 float int32; T2: float16 bfloat16 float int32 float8e8m0; T3: float8 int8 int16 uint8 uint16 float4e2m1 int4
      uint4
  25 T1: float16 bfloat16 float int32; T2: float16 bfloat16 float int32 float8e8m0; T3: float8 int8 int16 uint8 uint16 float4e2m1 int4
      uint4 int2 uint2
RandomNormal
  1 () -> (output: T) <dtype: int, mean: float, scale: float, seed: float, shape!: ints> T: float16 float double
  22 T: floats
RandomNormalLike
  1 (input: T1) -> (output: T2) <dtype: int, mean: float, scale: float, seed: float> T1: integers float16 float double bool string
      complex64 complex128; T2: float16 float double
  22 T1: numeric bool string complex64 complex128; T2: floats
RandomUniform
  1 () -> (output: T) <dtype: int, high: float, low: float, seed: float, shape!: ints> T: float16 float double
  22 T: floats
RandomUniformLike
  1 (input: T1) -> (output: T2) <dtype: int, high: float, low: float, seed: float> T1: integers float16 float double bool string
      complex64 complex128; T2: float16 float double
  22 T1: numeric bool string complex64 complex128; T2: floats
Range
  11 (start: T, limit: T, delta: T) -> (output: T) T: float double int16 int32 int64
  27 <stash_type: int> T: floats int16 int32 int64
Reciprocal
  6 (X: T) -> (Y: T) T: float16 float double
  13 T: floats
ReduceL1
  1 (data: T) -> (reduced: T) <axes: ints, keepdims: int> T: float16 float double int32 int64 uint32 uint64
  11
  13 T: floats int32 int64 uint32 uint64
  18 (data: T, axes?: int64) -> (reduced: T) <keepdims: int, noop_with_empty_axes: int>
ReduceL2
  1 (data: T) -> (reduced: T) <axes: ints, keepdims: int> T: float16 float double int32 int64 uint32 uint64
  11
  13 T: floats int32 int64 uint32 uint64
  18 (data: T, axes?: int64) -> (reduced: T) <keepdims: int, noop_with_empty_axes: int>
ReduceLogSum
  1 (data: T) -> (reduced: T) <axes: ints, keepdims: int> T: float16 float double int32 int64 uint32 uint64
  11
  13 T: floats int32 int64 uint32 uint64
  18 (data: T, axes?: int64) -> (reduced: T) <keepdims: int, noop_with_empty_axes: int>
ReduceLogSumExp
  1 (data: T) -> (reduced: T) <axes: ints, keepdims: int> T: float16 float double int32 int64 uint32 uint64
  11
  13 T: floats int32 int64 uint32 uint64
  18 (data: T, axes?: int64) -> (reduced: T) <keepdims: int, noop_with_empty_axes: int>
ReduceMax
  1 (data: T) -> (reduced: T) <axes: ints, keepdims: int> T: float16 float double int32 int64 uint32 uint64
  11
  12 T: float16 float double int8 int32 int64 uint8 uint32 uint64
  13 T: floats int8 int32 int64 uint8 uint32 uint64
  18 (data: T, axes?: int64) -> (reduced: T) <keepdims: int, noop_with_empty_axes: int>
  20 T: floats int8 int32 int64 uint8 uint32 uint64 bool
ReduceMean
  1 (data: T) -> (reduced: T) <axes: ints, keepdims: int> T: float16 float double int32 int64 uint32 uint64
  11
  13 T: floats int32 int64 uint32 uint64
  18 (data: T, axes?: int64) -> (reduced: T) <keepdims: int, noop_with_empty_axes: int>
ReduceMin
  1 (data: T) -> (reduced: T) <axes: ints, keepdims: int> T: float16 float double int32 int64 uint32 uint64
  11
  12 T: float16 float double int8 int32 int64 uint8 uint32 uint64
  13 T: floats int8 int32 int64 uint8 uint32 uint64
  18 (data: T, axes?: int64) -> (reduced: T) <keepdims: int, noop_with_empty_axes: int>
  20 T: floats int8 int32 int64 uint8 uint32 uint64 bool
ReduceProd
  1 (data: T) -> (reduced: T) <axes: ints, keepdims: int> T: float16 float double int32 int64 uint32 uint64
  11
  13 T: floats int32 int64 uint32 uint64
  18 (data: T, axes?: int64) -> (reduced: T) <keepdims: int, noop_with_empty_axes: int>
ReduceSum
  1 (data: T) -> (reduced: T) <axes: ints, keepdims: int> T: float16 float double int32 int64 uint32 uint64
  11
  13 (data: T, axes?: int64) -> (reduced: T) <keepdims: int, noop_with_empty_axes: int> T: floats int32 int64 uint32 uint64
ReduceSumSquare
  1 (data: T) -> (reduced: T) <axes: ints, keepdims: int> T: float16 float double int32 int64 uint32 uint64
  11
  13 T: floats int32 int64 uint32 uint64
  18 (data: T, axes?: int64) -> (reduced: T) <keepdims: int, noop_with_empty_axes: int>
RegexFullMatch
  20 (X: T1) -> (Y: T2) <pattern: string> T1: string; T2: bool
Relu
  6 (X: T) -> (Y: T) T: float16 float double
  13 T: floats
  14 T: floats int8 int16 int32 int64
Reshape
  5 (data: T, shape: int64) -> (reshaped: T) T: integers float16 float double bool string complex64 complex128
  13 T: numeric bool string complex64 complex128
  14 <allowzero: int>
  19 T: numeric float8 bool string complex64 complex128
  21 T: numeric float8 bool string complex64 complex128 int4 uint4
  23 T: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4
  24 T: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4
  25 T: all
Resize
  10 (X: T, scales: float) -> (Y: T) <mode: string> T: integers float16 float double bool string complex64 complex128
  11 (X: T1, roi: T2, scales: float, sizes?: int64) -> (Y: T1) <coordinate_transformation_mode: string, cubic_coeff_a: float,
      exclude_outside: int, extrapolation_value: float, mode: string, nearest_mode: string> T1: integers float16 float double bool
      string complex64 complex128; T2: float16 float double
  13 (X: T1, roi?: T2, scales?: float, sizes?: int64) -> (Y: T1) T1: numeric bool string complex64 complex128; T2: float16 float double
  18 <antialias: int, axes: ints, coordinate_transformation_mode: string, cubic_coeff_a: float, exclude_outside: int,
      extrapolation_value: float, keep_aspect_ratio_policy: string, mode: string, nearest_mode: string>
  19
ReverseSequence
  10 (input: T, sequence_lens: int64) -> (Y: T) <batch_axis: int, time_axis: int> T: integers float16 float double bool string
      complex64 complex128
RMSNormalization
  23 (X: T, scale: V) -> (Y: V) <axis: int, epsilon: float, stash_type: int> T: floats; V: floats
RNN
  7 (X: T, W: T, R: T, B?: T, sequence_lens?: T1, initial_h?: T) -> (Y?: T, Y_h?: T) <activation_alpha: floats, activation_beta:
      floats, activations: strings, clip: float, direction: string, hidden_size: int> T: float16 float double; T1: int32
  14 <activation_alpha: floats, activation_beta: floats, activations: strings, clip: float, direction: string, hidden_size: int,
      layout: int>
  22 T: floats; T1: int32
RoiAlign
  10 (X: T1, rois: T1, batch_indices: T2) -> (Y: T1) <mode: string, output_height: int, output_width: int, sampling_ratio: int,
      spatial_scale: float> T1: float16 float double; T2: int64
  16 <coordinate_transformation_mode: string, mode: string, output_height: int, output_width: int, sampling_ratio: int, spatial_scale:
      float>
  22 T1: floats; T2: int64
RotaryEmbedding
  23 (X: T, cos_cache: T, sin_cache: T, position_ids?: M) -> (Y: T) <interleaved: int, num_heads: int, rotary_embedding_dim: int> T:
      float16 bfloat16 float; M: int64
Round
  11 (X: T) -> (Y: T) T: float16 float double
  22 T: floats
Scan
  8 (sequence_lens?: I, initial_state_and_scan_inputs...: V) -> (final_state_and_scan_outputs...: V) <body!: graph, directions: ints,
      num_scan_inputs!: int> I: int64; V: integers float16 float double bool string complex64 complex128
  9 (initial_state_and_scan_inputs...: V) -> (final_state_and_scan_outputs...: V) <body!: graph, num_scan_inputs!: int,
      scan_input_axes: ints, scan_input_directions: ints, scan_output_axes: ints, scan_output_directions: ints> V: integers float16
      float double bool string complex64 complex128
  11
  16 V: numeric bool string complex64 complex128
  19 V: numeric float8 bool string complex64 complex128
  21 V: numeric float8 bool string complex64 complex128 int4 uint4
  23 V: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4
  24 V: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4
  25 V: all
Scatter
  9 (data: T, indices: Tind, updates: T) -> (output: T) <axis: int> T: integers float16 float double bool string complex64 complex128;
      Tind: int32 int64
  11 deprecated
ScatterElements
  11 (data: T, indices: Tind, updates: T) -> (output: T) <axis: int> T: integers float16 float double bool string complex64 complex128;
      Tind: int32 int64
  13 T: numeric bool string complex64 complex128; Tind: int32 int64
  16 <axis: int, reduction: string>
  18
ScatterND
  11 (data: T, indices: int64, updates: T) -> (output: T) T: integers float16 float double bool string complex64 complex128
  13 T: numeric bool string complex64 complex128
  16 <reduction: string>
  18
Selu
  6 (X: T) -> (Y: T) <alpha: float, gamma: float> T: float16 float double
  22 T: floats
SequenceAt
  11 (input_sequence: S, position: I) -> (tensor: T) S: seq; T: integers float16 float double bool string complex64 complex128; I:
      int32 int64
SequenceConstruct
  11 (inputs...: T) -> (output_sequence: S) T: integers float16 float double bool string complex64 complex128; S: seq
SequenceEmpty
  11 () -> (output: S) <dtype: int> S: seq
SequenceErase
  11 (input_sequence: S, position?: I) -> (output_sequence: S) S: seq; I: int32 int64
SequenceInsert
  11 (input_sequence: S, tensor: T, position?: I) -> (output_sequence: S) T: integers float16 float double bool string complex64
      complex128; S: seq; I: int32 int64
SequenceLength
  11 (input_sequence: S) -> (length: I) S: seq; I: int64
SequenceMap
  17 (input_sequence: S, additional_inputs...: V) -> (out_sequence...: S) <body!: graph> S: seq; V: integers float16 float double bool
      string complex64 complex128 seq
Shape
  1 (data: T) -> (shape: T1) T: integers float16 float double bool string complex64 complex128; T1: int64
  13 T: numeric bool string complex64 complex128; T1: int64
  15 <end: int, start: int>
  19 T: numeric float8 bool string complex64 complex128; T1: int64
  21 T: numeric float8 bool string complex64 complex128 int4 uint4; T1: int64
  23 T: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4; T1: int64
  24 T: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4; T1: int64
  25 T: all; T1: int64
Shrink
  9 (input: T) -> (output: T) <bias: float, lambd: float> T: integers float16 float double
Sigmoid
  6 (X: T) -> (Y: T) T: float16 float double
  13 T: floats
Sign
  9 (input: T) -> (output: T) T: integers float16 float double
  13 T: numeric
Sin
  7 (input: T) -> (output: T) T: float16 float double
  22 T: floats
Sinh
  9 (input: T) -> (output: T) T: float16 float double
  22 T: floats
Size
  1 (data: T) -> (size: T1) T: integers float16 float double bool string complex64 complex128; T1: int64
  13 T: numeric bool string complex64 complex128; T1: int64
  19 T: numeric float8 bool string complex64 complex128; T1: int64
  21 T: numeric float8 bool string complex64 complex128 int4 uint4; T1: int64
  23 T: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4; T1: int64
  24 T: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4; T1: int64
  25 T: all; T1: int64
Slice
  1 (data: T) -> (output: T) <axes: ints, ends!: ints, starts!: ints> T: integers float16 float double bool string complex64 complex128
  10 (data: T, starts: Tind, ends: Tind, axes?: Tind, steps?: Tind) -> (output: T) <> T: integers float16 float double bool string
      complex64 complex128; Tind: int32 int64
  11
  13 T: numeric bool string complex64 complex128; Tind: int32 int64
Softmax
  1 (input: T) -> (output: T) <axis: int> T: float16 float double
  11
  13 T: floats
SoftmaxCrossEntropyLoss
  12 (scores: T, labels: Tind, weights?: T) -> (output: T, log_prob?: T) <ignore_index: int, reduction: string> T: float16 float
      double; Tind: int32 int64
  13 T: floats; Tind: int32 int64
Softplus
  1 (X: T) -> (Y: T) T: float16 float double
  22 T: floats
Softsign
  1 (input: T) -> (output: T) T: float16 float double
  22 T: floats
SpaceToDepth
  1 (input: T) -> (output: T) <blocksize!: int> T: integers float16 float double bool string complex64 complex128
  13 T: numeric bool string complex64 complex128
Split
  2 (input: T) -> (outputs...: T) <axis: int, split: ints> T: integers float16 float double bool string complex64 complex128
  11
  13 (input: T, split?: int64) -> (outputs...: T) <axis: int> T: numeric bool string complex64 complex128
  18 <axis: int, num_outputs: int>
SplitToSequence
  11 (input: T, split?: I) -> (output_sequence: S) <axis: int, keepdims: int> T: integers float16 float double bool string complex64
      complex128; I: int32 int64; S: seq
  24 T: numeric bool string complex64 complex128; I: int32 int64; S: seq
Sqrt
  6 (X: T) -> (Y: T) T: float16 float double
  13 T: floats
Squeeze
  1 (data: T) -> (squeezed: T) <axes: ints> T: integers float16 float double bool string complex64 complex128
  11
  13 (data: T, axes?: int64) -> (squeezed: T) <> T: numeric bool string complex64 complex128
  21 T: numeric float8 bool string complex64 complex128 int4 uint4
  23 T: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4
  24 T: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4
  25 T: all
STFT
  17 (signal: T1, frame_step: T2, window?: T1, frame_length?: T2) -> (output: T1) <onesided: int> T1: floats; T2: int32 int64
StringConcat
  20 (X: T, Y: T) -> (Z: T) T: string
StringNormalizer
  10 (X: string) -> (Y: string) <case_change_action: string, is_case_sensitive: int, locale: string, stopwords: strings>
StringSplit
  20 (X: T1) -> (Y: T2, Z: T3) <delimiter: string, maxsplit: int> T1: string; T2: string; T3: int64
Sub
  7 (A: T, B: T) -> (C: T) T: float16 float double int32 int64 uint32 uint64
  13 T: floats int32 int64 uint32 uint64
  14 T: numeric
Sum
  6 (data_0...: T) -> (sum: T) T: float16 float double
  8
  13 T: floats
SwiGLU
  28 (A: T, B: T) -> (Y: T) <alpha: float> T: floats
Swish
  24 (X: T) -> (Y: T) <alpha: float> T: floats
Tan
  7 (input: T) -> (output: T) T: float16 float double
  22 T: floats
Tanh
  6 (input: T) -> (output: T) T: float16 float double
  13 T: floats
TensorScatter
  24 (past_cache: T, update: T, write_indices?: int64) -> (present_cache: T) <axis: int, mode: string> T: numeric float8 bool string
      complex64 complex128 float8e8m0 float4e2m1 int4 uint4
TfIdfVectorizer
  9 (X: T) -> (Y: T1) <max_gram_length!: int, max_skip_count!: int, min_gram_length!: int, mode!: string, ngram_counts!: ints,
      ngram_indexes!: ints, pool_int64s: ints, pool_strings: strings, weights: floats> T: int32 int64 string; T1: float
ThresholdedRelu
  10 (X: T) -> (Y: T) <alpha: float> T: float16 float double
  22 T: floats
Tile
  6 (input: T, repeats: T1) -> (output: T) T: integers float16 float double bool string complex64 complex128; T1: int64
  13 T: numeric bool string complex64 complex128; T1: int64
TopK
  1 (X: T) -> (Values: T, Indices: I) <axis: int, k!: int> T: float16 float double; I: int64
  10 (X: T, K: int64) -> (Values: T, Indices: I) <axis: int>
  11 <axis: int, largest: int, sorted: int> T: integers float16 float double; I: int64
  24 T: numeric; I: int64
Transpose
  1 (data: T) -> (transposed: T) <perm: ints> T: integers float16 float double bool string complex64 complex128
  13 T: numeric bool string complex64 complex128
  21 T: numeric float8 bool string complex64 complex128 int4 uint4
  23 T: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4
  24 T: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4
  25 T: all
Trilu
  14 (input: T, k?: int64) -> (output: T) <upper: int> T: numeric bool string complex64 complex128
Unique
  11 (X: T) -> (Y: T, indices?: int64, inverse_indices?: int64, counts?: int64) <axis: int, sorted: int> T: integers float16 float
      double bool string complex64 complex128
Unsqueeze
  1 (data: T) -> (expanded: T) <axes!: ints> T: integers float16 float double bool string complex64 complex128
  11
  13 (data: T, axes: int64) -> (expanded: T) <> T: numeric bool string complex64 complex128
  21 T: numeric float8 bool string complex64 complex128 int4 uint4
  23 T: numeric float8 bool string complex64 complex128 float4e2m1 int4 uint4
  24 T: numeric float8 bool string complex64 complex128 float8e8m0 float4e2m1 int4 uint4
  25 T: all
Upsample
  7 (X: T) -> (Y: T) <mode: string, scales!: floats> T: integers float16 float double bool string complex64 complex128
  9 (X: T, scales: float) -> (Y: T) <mode: string>
  10 deprecated
Where
  9 (condition: B, X: T, Y: T) -> (output: T) B: bool; T: integers float16 float double bool string complex64 complex128
  16 B: bool; T: numeric bool string complex64 complex128
Xor
  7 (A: T, B: T) -> (C: T1) T: bool; T1: bool
)";

}  // namespace hone
