// SPDX-License-Identifier: Apache-2.0
// Convolution in one to three spatial dimensions, with groups: Y = X * W + B.
#include "lib/ops/conv.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 1));
  CHECK_OK(infer_conv(c, 0, 1, c.dtype(0)));
  if (!c.has(2)) return Ok{};
  CHECK_OK(same_dtype(c, 0, 2));
  CHECK_OK(expect_rank(c, 2, 1, "the bias"));
  if (c.shape(1).ranked && c.shape(2).ranked) {
    CHECK_OK(unify(c.shape(1).dims[0], c.shape(2).dims[0]).in("output channels of the weights and of the bias"));
  }
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  TRY(const ConvCase conv, conv_case(c.node, c.in(0).dims(), c.in(1).dims()));
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(c.in(0)), w(c.in(1)), b(c.find(2));
    WriteAs<A> out(*y);
    const std::int64_t channels = conv.group * conv.oc, size = conv.window.out_size();
    for (std::int64_t i = 0; b && i < conv.n * channels; ++i) std::fill_n(out.data() + i * size, size, b[i % channels]);
    convolve(conv, x.data(), w.data(), out.data());
  });
}
extern const Op conv_op{
    .name = "Conv",
    .since = 1,
    .inputs = "X: T, W: T, B?: T",
    .outputs = "Y: T",
    .attributes = "auto_pad: string = NOTSET, dilations: ints, group: int = 1, kernel_shape: ints, pads: ints, strides: ints",
    .types = "T: floats",
    .infer = infer,
    .reference = run};

}  // namespace hone
