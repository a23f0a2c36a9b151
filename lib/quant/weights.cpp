// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "lib/quant/quantize.h"

namespace hone {

QuantizedWeights quantize_weights(const Tensor& w, int axis, std::span<const float> at_least) {
  const Dims& dims = w.dims();
  const std::int64_t channels = axis < 0 ? 1 : dims[static_cast<std::size_t>(axis)];
  std::int64_t inner = 1;  // elements between two channels; for one scale anything will do
  for (std::size_t i = static_cast<std::size_t>(axis + 1); axis >= 0 && i < dims.size(); ++i) inner *= dims[i];
  const auto channel = [&](std::int64_t i) { return static_cast<std::size_t>(i / inner % channels); };
  const std::span<const float> values = w.values<float>();
  std::vector<float> scales(static_cast<std::size_t>(channels));
  for (std::int64_t i = 0; i < w.count(); ++i) {
    float& reach = scales[channel(i)];
    reach = std::max(reach, std::abs(values[static_cast<std::size_t>(i)]));
  }
  for (std::size_t c = 0; c < scales.size(); ++c) {
    scales[c] /= 127.0f;
    if (!at_least.empty()) scales[c] = std::max(scales[c], at_least[at_least.size() == 1 ? 0 : c]);
    if (!(scales[c] >= 1e-30f)) scales[c] = 1;  // a channel of zeros
  }
  Tensor q = Tensor::allocate(DType::i8, dims);
  for (std::int64_t i = 0; i < w.count(); ++i) {
    const float rounded = std::nearbyint(values[static_cast<std::size_t>(i)] / scales[channel(i)]);
    q.data<std::int8_t>()[i] = static_cast<std::int8_t>(std::fmin(127.0f, std::fmax(-127.0f, rounded)));
  }
  return {std::move(q), axis < 0 ? Tensor::scalar<float>(scales[0]) : Tensor::vector<float>(scales)};
}

}  // namespace hone
