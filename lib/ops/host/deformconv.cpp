// SPDX-License-Identifier: Apache-2.0
// Convolution that reads its input at places moved by learned offsets, by linear interpolation, zero outside; each place may be
// weighted by a mask. One to three spatial axes; channels share offsets in offset_group groups.
#include <cmath>

#include "lib/ops/move.h"
#include "lib/ops/wide.h"
#include "lib/ops/window.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_spatial(c, 0));
  const Shape &x = c.shape(0), &w = c.shape(1);
  c.set(0, c.dtype(0), x.ranked ? Shape::unknown(x.rank()) : Shape());
  if (!x.ranked || !w.ranked) return Ok{};
  const std::int64_t group = c.node.integer("group", 1), shared = c.node.integer("offset_group", 1);
  if (w.rank() != x.rank()) return invalid("the input has shape {} but the weights have {}", to_string(x), to_string(w));
  if (group < 1 || shared < 1) return invalid("group is {} and offset_group {}, expected 1 or more", group, shared);
  const Dim &channels = x.dims[1], &per_group = w.dims[1], &oc = w.dims[0];
  if (channels.known() && (channels.value % group != 0 || channels.value % shared != 0 || (per_group.known() && channels.value / group != per_group.value)))
    return invalid("{} channels do not fit weights of shape {}, {} groups and {} offset groups", channels.value, to_string(w), group, shared);
  if (oc.known() && oc.value % group != 0) return invalid("{} output channels do not divide into {} groups", oc.value, group);
  TRY(const Window window, window_of(c.node, std::span(x.dims).subspan(2), std::span(w.dims).subspan(2)));
  Shape y{x.dims[0], oc};
  Dim taps = shared;
  for (const WindowAxis& a : window) {
    y.dims.push_back(a.out);
    taps = taps.known() && a.kernel >= 0 ? Dim(checked_mul(taps.value, a.kernel).value_or(INT64_MAX)) : Dim();
  }
  for (const std::size_t i : {2, 4}) {
    const Shape& s = c.shape(i);
    if (!s.ranked) continue;
    const Dim wanted = !taps.known() ? Dim() : i == 4 ? taps : Dim(checked_mul(taps.value, static_cast<std::int64_t>(window.size())).value_or(INT64_MAX));
    bool fits = s.rank() == x.rank() && unify(s.dims[0], y.dims[0]) && unify(s.dims[1], wanted);
    for (std::size_t k = 2; fits && k < s.rank(); ++k) fits = unify(s.dims[k], y.dims[k]).has_value();
    if (!fits) return invalid("{} has shape {}, expected {} channels for an output of shape {}", i == 2 ? "offset" : "mask", to_string(s), to_string(Shape{wanted}), to_string(y));
  }
  if (c.shape(3).ranked && (c.shape(3).rank() != 1 || !unify(c.shape(3).dims[0], oc))) return invalid("the bias has shape {}, expected one element for each output channel", to_string(c.shape(3)));
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

// x, a plane of `in`, at a place between its elements.
template <class A>
static A sample(const A* x, const Window3::Three& in, const std::array<A, 3>& place) {
  Window3::Three low;
  std::array<A, 3> above;
  for (std::size_t k = 0; k < 3; ++k) {
    if (!(place[k] > -1 && place[k] < static_cast<A>(in[k]))) return 0;  // NaN too
    low[k] = static_cast<std::int64_t>(std::floor(place[k]));
    above[k] = place[k] - static_cast<A>(low[k]);
  }
  A sum = 0;
  for (unsigned corner = 0; corner < 8; ++corner) {
    A weight = 1;
    std::int64_t at = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const std::int64_t i = low[k] + (corner >> k & 1);
      weight *= i < 0 || i >= in[k] ? A(0) : corner >> k & 1 ? above[k] : 1 - above[k];
      at = at * in[k] + i;
    }
    if (weight != 0) sum += weight * x[at];
  }
  return sum;
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Dims &xd = c.in(0).dims(), &wd = c.in(1).dims();
  const Shape xs = Shape::of(xd), ws = Shape::of(wd);
  TRY(const Window window, window_of(c.node, std::span(xs.dims).subspan(2), std::span(ws.dims).subspan(2)));
  const Window3 w3(window);
  const std::int64_t groups = c.node.integer("offset_group", 1), ic = xd[1], oc = wd[0], per_group = wd[1], oc_per_group = oc / c.node.integer("group", 1);
  const std::int64_t axes = static_cast<std::int64_t>(window.size()), kernel = w3.kernel_size(), out_size = w3.out_size(), in_size = w3.in_size();
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(c.in(0)), w(c.in(1)), offset(c.in(2)), bias(c.find(3)), mask(c.find(4));
    WriteAs<A> out(*y);
    for (std::int64_t n = 0; n < xd[0]; ++n)
      for (std::int64_t o = 0; bias && o < oc; ++o) std::fill_n(out.data() + (n * oc + o) * out_size, out_size, bias[o]);
    for (std::int64_t n = 0; n < xd[0]; ++n)
      for (std::int64_t channel = 0; channel < ic; ++channel)
        for (std::int64_t tap = 0; tap < kernel; ++tap) {
          const std::int64_t shared = (n * groups + channel / (ic / groups)) * kernel + tap;  // row of the mask
          for (std::int64_t position = 0; position < out_size; ++position) {
            std::array<A, 3> place;
            for (std::int64_t rest = position, t = tap, k = 2; k >= 0; --k) {
              const auto a = static_cast<std::size_t>(k);
              place[a] = static_cast<A>(rest % w3.out[a] * w3.stride[a] - w3.pad[a] + t % w3.kernel[a] * w3.dilation[a]);
              if (k >= 3 - axes) place[a] += offset[(shared * axes + k - (3 - axes)) * out_size + position];
              rest /= w3.out[a], t /= w3.kernel[a];
            }
            A value = sample(x.data() + (n * ic + channel) * in_size, w3.in, place);
            if (mask) value *= mask[shared * out_size + position];
            for (std::int64_t o = channel / per_group * oc_per_group; o < (channel / per_group + 1) * oc_per_group; ++o)
              out[(n * oc + o) * out_size + position] += value * w[(o * per_group + channel % per_group) * kernel + tap];
          }
        }
  });
}
extern const Op deformconv_op{.name = "DeformConv",
                              .since = 19,
                              .inputs = "X: T, W: T, offset: T, B?: T, mask?: T",
                              .outputs = "Y: T",
                              .attributes =
                                  "dilations: ints, group: int = 1, kernel_shape: ints, offset_group: int = 1, pads: ints, strides: ints",
                              .types = "T: floats",
                              .infer = infer,
                              .reference = run};

}  // namespace hone
