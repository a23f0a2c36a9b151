// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/conv.h"

namespace hone {

Status infer_conv(InferCall& c, std::size_t xi, std::size_t wi, DType dtype) {
  CHECK_OK(expect_spatial(c, xi));
  const Shape &x = c.shape(xi), &w = c.shape(wi);
  if (!x.ranked) {
    c.set(0, dtype, w.ranked ? Shape::unknown(w.rank()) : Shape());
    return Ok{};
  }
  Shape y = Shape::unknown(x.rank());
  y.dims[0] = x.dims[0];
  if (w.ranked) {
    if (w.rank() != x.rank()) return invalid("the input has shape {} but the weights have {}", to_string(x), to_string(w));
    const std::int64_t group = c.node.integer("group", 1);
    const Dim &channels = x.dims[1], &per_group = w.dims[1], &oc = w.dims[0];
    if (group < 1) return invalid("group is {}, expected 1 or more", group);
    if (channels.known() && per_group.known() && (channels.value % group != 0 || channels.value / group != per_group.value))
      return invalid("the input has {} channels, the weights expect {} ({} in each of {} groups)", channels.value,
                     checked_mul(per_group.value, group).value_or(INT64_MAX), per_group.value, group);
    if (oc.known() && oc.value % group != 0) return invalid("{} output channels do not divide into {} groups", oc.value, group);
    y.dims[1] = oc;
    TRY(const Window window, window_of(c.node, std::span(x.dims).subspan(2), std::span(w.dims).subspan(2)));
    for (std::size_t i = 0; i < window.size(); ++i) y.dims[i + 2] = window[i].out;
  }
  c.set(0, dtype, std::move(y));
  return Ok{};
}

Result<ConvCase> conv_case(const Node& node, const Dims& x, const Dims& w) {
  const Shape xs = Shape::of(x), ws = Shape::of(w);
  TRY(const Window window, window_of(node, std::span(xs.dims).subspan(2), std::span(ws.dims).subspan(2)));
  const std::int64_t group = node.integer("group", 1);
  return ConvCase{.n = x[0], .group = group, .ic = w[1], .oc = w[0] / group, .window = Window3(window)};
}

// One row of outputs at a time: for each weight, the part of the row whose input lies inside.
template <class A>
static void convolve_row(const ConvCase& c, const A* x, const A* w, A* y, std::int64_t od, std::int64_t oh) {
  const auto& [in, out, kernel, stride, dilation, pad, pad_end] = c.window;
  for (std::int64_t ic = 0; ic < c.ic; ++ic)
    for (std::int64_t kd = 0; kd < kernel[0]; ++kd)
      for (std::int64_t kh = 0; kh < kernel[1]; ++kh) {
        const std::int64_t id = od * stride[0] + kd * dilation[0] - pad[0], ih = oh * stride[1] + kh * dilation[1] - pad[1];
        if (id < 0 || id >= in[0] || ih < 0 || ih >= in[1]) continue;
        const A* row = x + ((ic * in[0] + id) * in[1] + ih) * in[2];
        const A* weights = w + ((ic * kernel[0] + kd) * kernel[1] + kh) * kernel[2];
        for (std::int64_t kw = 0; kw < kernel[2]; ++kw) {
          const std::int64_t shift = kw * dilation[2] - pad[2], s = stride[2];  // iw = ow * s + shift
          const std::int64_t begin = shift >= 0 ? 0 : (-shift + s - 1) / s, end = std::min(out[2], (in[2] - shift + s - 1) / s);
          const A weight = weights[kw];
          for (std::int64_t ow = begin; ow < end; ++ow) y[ow] += weight * row[ow * s + shift];
        }
      }
}

template <class A>
void convolve(const ConvCase& c, const A* x, const A* w, A* y) {
  const auto& out = c.window.out;
  const std::int64_t in_size = c.window.in_size(), kernel_size = c.window.kernel_size();
  for (std::int64_t n = 0; n < c.n; ++n)
    for (std::int64_t g = 0; g < c.group; ++g)
      for (std::int64_t o = g * c.oc; o < (g + 1) * c.oc; ++o)
        for (std::int64_t od = 0; od < out[0]; ++od)
          for (std::int64_t oh = 0; oh < out[1]; ++oh)
            convolve_row(c, x + (n * c.group + g) * c.ic * in_size, w + o * c.ic * kernel_size,
                         y + (((n * c.group * c.oc + o) * out[0] + od) * out[1] + oh) * out[2], od, oh);
}

template void convolve<float>(const ConvCase&, const float*, const float*, float*);
template void convolve<double>(const ConvCase&, const double*, const double*, double*);
template void convolve<std::int32_t>(const ConvCase&, const std::int32_t*, const std::int32_t*, std::int32_t*);

}  // namespace hone
