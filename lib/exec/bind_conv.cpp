// SPDX-License-Identifier: Apache-2.0
// Convolutions and pools over channels-last images. A signal (n, w, c) is an image of height 1.
#include "lib/exec/bind.h"
#include "lib/exec/quant.h"
#include "lib/ops/channels_last.h"

namespace hone {
namespace {

struct Window2 {
  WindowAxis h, w;
};

// `kernel`: of the spatial axes x has. Nothing when the shape rule would have refused.
std::optional<Window2> window(const Node& node, const Dims& x, std::span<const std::int64_t> kernel) {
  Window2 r;
  const std::size_t axes = kernel.size();
  auto w = window_axis(node, axes - 1, axes, kernel[axes - 1], x[axes]);
  if (!w) return std::nullopt;
  r.w = *w;
  if (axes == 1) return r;
  auto h = window_axis(node, 0, axes, kernel[0], x[1]);
  if (!h) return std::nullopt;
  r.h = *h;
  return r;
}

}  // namespace

bool bind_conv(const Site& s, Binding& b) {
  const bool quantized = s.node.op == "QConv";
  const Dims x = s.dims(0), weight = s.dims(1);
  const std::vector<std::int64_t> kernel(weight.begin() + 1, weight.end() - 1);
  const auto win = window(s.node, x, kernel);
  if (!win || !s.data(1)) return false;
  const auto& [h, w] = *win;
  ConvParams p{.n = x[0], .ih = h.in, .iw = w.in, .ic = x.back(), .oh = h.out, .ow = w.out, .oc = weight[0], .kh = h.kernel, .kw = w.kernel,
               .stride_h = h.stride, .stride_w = w.stride, .dilation_h = h.dilation, .dilation_w = w.dilation,
               .pad_top = h.pad_begin, .pad_left = w.pad_begin, .group = s.node.integer("group", 1)};
  const std::string_view family = p.group == 1 ? "conv" : p.group == p.ic && p.group == p.oc ? "depthwise" : "groupconv";
  const std::size_t bias = quantized ? 3 : 2;
  if (s.has(bias) && !s.data(bias)) return false;
  b.inputs = {0};
  b.constants = {s.data(1), s.data(bias)};
  if (quantized) {
    if (!s.data(2) || !safe_integers(p.kh * p.kw * p.ic / p.group, *s.constant(2), s.constant(3))) return false;
    p.quant = requant_of(s.node);
    b.constants.push_back(s.data(2));
  } else {
    p.clamp = {s.node.number("low", Clamp{}.low), s.node.number("high", Clamp{}.high)};
    p.residual = s.has(3);
    if (p.residual) {
      if (s.dims(3) != s.out_dims()) return false;
      b.inputs.push_back(3);
      b.in_place = {3};
    }
  }
  const DType dtype = quantized ? DType::u8 : DType::f32;
  return b.choose(family, dtype, p) || (family == "depthwise" && b.choose("groupconv", dtype, p));
}

bool bind_pool(const Site& s, Binding& b) {
  const Dims x = s.dims(0);
  std::vector<std::int64_t> kernel = s.node.integers("kernel_shape");
  if (kernel.empty()) kernel.assign(x.begin() + 1, x.end() - 1);
  const auto win = window(s.node, x, kernel);
  if (!win) return false;
  const auto& [h, w] = *win;
  const PoolParams p{.n = x[0], .ih = h.in, .iw = w.in, .c = x.back(), .oh = h.out, .ow = w.out, .kh = h.kernel, .kw = w.kernel,
                     .stride_h = h.stride, .stride_w = w.stride, .pad_top = h.pad_begin, .pad_left = w.pad_begin,
                     .pad_bottom = h.pad_end, .pad_right = w.pad_end, .count_include_pad = s.node.integer("count_include_pad") != 0,
                     .quant = s.node.op == "QAveragePool" ? requant_of(s.node) : Requant{}, .multiplier = s.node.number("multiplier", 1)};
  b.inputs = {0};
  return b.choose(s.node.op == "MaxPool" ? "maxpool" : "avgpool", s.dtype(0), p);
}

}  // namespace hone
