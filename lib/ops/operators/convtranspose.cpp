// SPDX-License-Identifier: Apache-2.0
// Transposed convolution: each input element adds the weights, scaled by it, to its window of the output.
#include "lib/ops/wide.h"
#include "lib/ops/window.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 1));
  CHECK_OK(expect_spatial(c, 0));
  const Shape &x = c.shape(0), &w = c.shape(1);
  if (!x.ranked || !w.ranked) {
    c.set(0, c.dtype(0), x.ranked ? Shape::unknown(x.rank()) : Shape());
    return Ok{};
  }
  if (w.rank() != x.rank()) return invalid("the input has shape {} but the weights have {}", to_string(x), to_string(w));
  const std::int64_t group = c.node.integer("group", 1);
  if (group < 1) return invalid("group is {}, expected 1 or more", group);
  TRY(const Dim channels, unify(x.dims[1], w.dims[0]).in("input channels of X and W"));
  if (channels.known() && channels.value % group != 0) return invalid("{} channels do not divide into {} groups", channels.value, group);
  Shape y = Shape::unknown(x.rank());
  y.dims[0] = x.dims[0];
  if (w.dims[1].known()) y.dims[1] = Dim(checked_mul(w.dims[1].value, group).value_or(-1));
  TRY(const Window window, transposed_window_of(c.node, std::span(x.dims).subspan(2), std::span(w.dims).subspan(2)));
  for (std::size_t i = 0; i < window.size(); ++i) y.dims[i + 2] = window[i].out;
  if (c.has(2)) {
    CHECK_OK(same_dtype(c, 0, 2));
    CHECK_OK(expect_rank(c, 2, 1, "the bias"));
    if (c.shape(2).ranked) {
      TRY(y.dims[1], unify(y.dims[1], c.shape(2).dims[0]).in("channels of the weights and of the bias"));
    }
  }
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

// One input plane through one kernel into one output plane.
template <class A>
static void scatter(const Window3& p, const A* x, const A* w, A* y) {
  const auto& [in, out, kernel, stride, dilation, pad, pad_end] = p;
  for (std::int64_t id = 0; id < in[0]; ++id)
    for (std::int64_t ih = 0; ih < in[1]; ++ih)
      for (std::int64_t kd = 0; kd < kernel[0]; ++kd)
        for (std::int64_t kh = 0; kh < kernel[1]; ++kh) {
          const std::int64_t od = id * stride[0] + kd * dilation[0] - pad[0], oh = ih * stride[1] + kh * dilation[1] - pad[1];
          if (od < 0 || od >= out[0] || oh < 0 || oh >= out[1]) continue;
          const A* row = x + (id * in[1] + ih) * in[2];
          const A* weights = w + (kd * kernel[1] + kh) * kernel[2];
          A* target = y + (od * out[1] + oh) * out[2];
          for (std::int64_t kw = 0; kw < kernel[2]; ++kw)
            for (std::int64_t iw = 0; iw < in[2]; ++iw) {
              const std::int64_t ow = iw * stride[2] + kw * dilation[2] - pad[2];
              if (ow >= 0 && ow < out[2]) target[ow] += weights[kw] * row[iw];
            }
        }
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Shape xs = Shape::of(c.in(0).dims()), ws = Shape::of(c.in(1).dims());
  TRY(const Window window, transposed_window_of(c.node, std::span(xs.dims).subspan(2), std::span(ws.dims).subspan(2)));
  const Window3 plane(window);
  const std::int64_t group = c.node.integer("group", 1), channels = y->dims()[1];
  const std::int64_t n = c.in(0).dims()[0], ic = c.in(0).dims()[1] / group, oc = channels / group;
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(c.in(0)), w(c.in(1)), b(c.find(2));
    WriteAs<A> out(*y);
    const std::int64_t in_size = plane.in_size(), out_size = plane.out_size(), kernel_size = plane.kernel_size();
    for (std::int64_t i = 0; b && i < n * channels; ++i) std::fill_n(out.data() + i * out_size, out_size, b[i % channels]);
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t g = 0; g < group; ++g)
        for (std::int64_t k = g * ic; k < (g + 1) * ic; ++k)
          for (std::int64_t o = 0; o < oc; ++o)
            scatter(plane, x.data() + (i * group * ic + k) * in_size, w.data() + (k * oc + o) * kernel_size,
                    out.data() + (i * channels + g * oc + o) * out_size);
  });
}
extern const Op convtranspose_op{.name = "ConvTranspose",
                                 .since = 1,
                                 .inputs = "X: T, W: T, B?: T",
                                 .outputs = "Y: T",
                                 .attributes =
                                     "auto_pad: string = NOTSET, dilations: ints, group: int = 1, kernel_shape: ints, "
                                     "output_padding: ints, output_shape: ints, pads: ints, strides: ints",
                                 .types = "T: floats",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
