// SPDX-License-Identifier: Apache-2.0
// Convolution of 8-bit integers, accumulated in int32 and requantized; weights may have a scale for each output channel.
#include "lib/ops/conv.h"
#include "lib/ops/convert.h"
#include "lib/ops/quantize.h"

namespace hone {

static Status infer(InferCall& c) {
  for (const std::size_t i : {1, 2, 6, 7}) {
    const auto dims = c.shape(i).concrete();
    if (dims && count_of(*dims) != 1) return invalid("input {} has shape {}, expected a scalar", i, to_string(*dims));
  }
  for (const std::size_t i : {4, 5, 8}) {  // one element, or one for each output channel; the bias always the latter
    const auto dims = c.shape(i).concrete(), w = c.shape(3).concrete();
    if (dims && w && !w->empty() && (i == 8 || count_of(*dims) != 1) && *dims != Dims{(*w)[0]})
      return invalid("input {} has shape {}, expected {} (one for each output channel)", i, to_string(*dims), (*w)[0]);
  }
  return infer_conv(c, 0, 3, c.dtype(7));
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  TRY(const ConvCase conv, conv_case(c.node, c.in(0).dims(), c.in(3).dims()));
  TRY(const auto x, centered(c.in(0), &c.in(2), 0));
  TRY(const auto w, centered(c.in(3), &c.in(5), 0));
  const std::int64_t channels = conv.group * conv.oc, size = conv.window.out_size();
  std::vector<std::int32_t> acc(static_cast<std::size_t>(y->count()) + 1);
  for (std::int64_t i = 0; c.has(8) && i < conv.n * channels; ++i)
    std::fill_n(acc.data() + i * size, size, c.in(8).data<std::int32_t>()[i % channels]);
  convolve(conv, x.data(), w.data(), acc.data());
  const std::vector<float> scale = c.in(4).to_floats();
  const float x_scale = c.in(1).to_floats()[0], y_scale = c.in(6).to_floats()[0];
  const double zero = element(c.in(7), 0);
  const Range range = range_of(y->dtype());
  for (std::int64_t i = 0; i < y->count(); ++i) {
    const float multiplier = x_scale * scale[scale.size() == 1 ? 0 : static_cast<std::size_t>(i / size % channels)] / y_scale;
    store(*y, i, requantize(acc[static_cast<std::size_t>(i)], multiplier, zero, range));
  }
  return Ok{};
}
extern const Op qlinearconv_op{
    .name = "QLinearConv",
    .since = 10,
    .inputs = "x: T1, x_scale: F, x_zero_point: T1, w: T2, w_scale: F, w_zero_point: T2, y_scale: F, y_zero_point: T3, B?: T4",
    .outputs = "y: T3",
    .attributes = "auto_pad: string = NOTSET, dilations: ints, group: int = 1, kernel_shape: ints, pads: ints, strides: ints",
    .types = "T1: int8 uint8; T2: int8 uint8; T3: int8 uint8; T4: int32; F: float",
    .infer = infer,
    .reference = run};

}  // namespace hone
