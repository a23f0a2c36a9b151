// SPDX-License-Identifier: Apache-2.0
// Y = quantize(AveragePool(dequantize(X))); channels_last: images are (n, spatial..., c). With count_include_pad the sum is divided by
// the whole window, also where ceil_mode lets it pass the padding: so ONNX Runtime has it, unlike AveragePool since opset 19.
#include "lib/ops/host/_composite.h"
#include "lib/ops/host/_quantized.h"
#include "lib/ops/pool.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_scalars(c, {1, 2, 3, 4}));
  const bool last = c.node.integer("channels_last") != 0;
  const Fact x{.dtype = c.dtype(0), .shape = last ? channels_first(c.shape(0)) : c.shape(0), .constant = {}, .content = {}};
  TRY(const Fact y, Inner(c.node, "AveragePool").infer({&x}));
  c.set(0, y.dtype, last ? channels_last(y.shape) : y.shape);
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const bool last = c.node.integer("channels_last") != 0, include_pad = c.node.integer("count_include_pad") != 0;
  const Tensor planes = last ? channels_first(c.in(0)) : c.in(0);
  const Grid px = grid_of(c, 1, 2), py = grid_of(c, 3, 4);
  TRY(const Window3 window, pool_window(c.node, planes.dims()));
  const std::int64_t channels = planes.dims()[1], in_size = window.in_size(), out_size = window.out_size();
  const ReadAs<float> x(planes);
  WriteAs<float> out(*y);
  for (std::int64_t position = 0; position < out_size; ++position) {
    const Taps taps = taps_of(window, position);
    for (std::int64_t plane = 0; plane < planes.dims()[0] * channels; ++plane) {
      float sum = 0;
      for (const std::int64_t i : taps.offsets) sum += px.real(x[plane * in_size + i]);
      const float mean = sum / static_cast<float>(include_pad ? window.kernel_size() : static_cast<std::int64_t>(taps.offsets.size()));
      const std::int64_t place =
          last ? (plane / channels * out_size + position) * channels + plane % channels : plane * out_size + position;
      out[place] = py.quantized(mean, range_of(y->dtype()));
    }
  }
  return Ok{};
}
extern const Op qlinearaveragepool_op{.name = "QLinearAveragePool",
                                      .domain = "com.microsoft",
                                      .inputs = "X: T, x_scale: S, x_zero_point?: T, y_scale: S, y_zero_point?: T",
                                      .outputs = "Y: T",
                                      .attributes =
                                          "auto_pad: string = NOTSET, ceil_mode: int = 0, channels_last: int = 0, "
                                          "count_include_pad: int = 0, kernel_shape!: ints, pads: ints, strides: ints",
                                      .types = qlinear_types,
                                      .infer = infer,
                                      .reference = run};

}  // namespace hone
