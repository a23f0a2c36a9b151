// SPDX-License-Identifier: Apache-2.0
// From what was observed to a scale and a zero point.
#pragma once
#include <string_view>

#include "lib/base/dtype.h"
#include "lib/base/result.h"
#include "lib/quant/histogram.h"

namespace hone {

// minmax: the whole range. percentile: what leaves (100 - p) % out at either end. entropy: the clipping whose quantized
// distribution diverges least (Kullback-Leibler; Migacz, 8-bit Inference with TensorRT, GTC 2017). mse: the clipping with the least squared error.
enum class Method { minmax, percentile, entropy, mse };
Result<Method> method_from_name(std::string_view);
std::string_view name(Method);

struct Range {
  double low = 0, high = 0;  // low <= 0 <= high
};
Range choose_range(const Histogram&, Method, double percentile = 99.99);

// real = (q - zero) * scale. u8: any zero point. i8: symmetric, zero point 0 and q in [-127, 127], as TensorRT wants it.
struct Affine {
  float scale = 1;
  std::int32_t zero = 0;
};
Affine affine_of(const Range&, DType);

}  // namespace hone
