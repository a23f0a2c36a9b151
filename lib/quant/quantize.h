// SPDX-License-Identifier: Apache-2.0
// Post-training quantization: decide what becomes integers (scheme.h), observe the rest of the calibration set (calibrate.h),
// choose scales (range.h), and write the model as ONNX QDQ:
//
//   y = Relu(Conv(x, W, b))   =>   x' = DequantizeLinear(QuantizeLinear(x, sx, zx), sx, zx)
//                                  y  = Relu(Conv(x', DequantizeLinear(W int8, sw[channel]), DequantizeLinear(b int32, sx * sw)))
//                                  y' = DequantizeLinear(QuantizeLinear(y, sy, zy), sy, zy)
#pragma once
#include "lib/quant/calibrate.h"
#include "lib/quant/range.h"
#include "lib/quant/scheme.h"

namespace hone {

struct QuantizeOptions {
  Method method = Method::percentile;
  double percentile = 99.99;
  bool per_channel = true;
  DType activations = DType::u8;  // or i8, symmetric
  SchemeOptions scheme;
  FeedOptions feed;
  std::int64_t check_samples = 128;  // of the calibration set, on which both models are run and compared
};

struct TensorReport {
  std::string name, made_by;  // the node that makes it; "input"
  double observed_low = 0, observed_high = 0;
  Range range;
  Affine affine;
  double sqnr_db = 0;  // of this value when the whole model is quantized: all noise up to here
};
struct WeightReport {
  std::string node;
  std::int64_t channels = 1;  // scales
  double sqnr_db = 0;
};
struct QuantizeReport {
  std::vector<TensorReport> tensors;
  std::vector<WeightReport> weights;
  std::vector<std::pair<std::string, std::string>> skipped;  // products that stay float, and why
  std::int64_t integer_nodes = 0, nodes = 0;                 // of the float model
  std::vector<std::pair<std::string, Distance>> outputs;     // of the quantized model against the float one
};

// The model should have been optimized: a BatchNormalization left over stays float. Same model, data and options: same result.
Result<QuantizeReport> quantize(Model&, const Dataset&, const QuantizeOptions&);

// Symmetric int8 in [-127, 127], one scale for each index of `axis` (-1: one for all). `at_least`, when not empty, bounds the
// scales from below.
struct QuantizedWeights {
  Tensor values, scales;
};
QuantizedWeights quantize_weights(const Tensor& w, int axis, std::span<const float> at_least = {});

}  // namespace hone
