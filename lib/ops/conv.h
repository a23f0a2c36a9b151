// SPDX-License-Identifier: Apache-2.0
// Convolution, shared by Conv, ConvInteger and QLinearConv.
#pragma once
#include "lib/ops/window.h"

namespace hone {

// Output 0 of a convolution of input x by the weights input w has this element type.
Status infer_conv(InferCall&, std::size_t x, std::size_t w, DType);

struct ConvCase {
  std::int64_t n, group, ic, oc;  // ic and oc: channels of one group
  Window3 window;
};
// REQUIRES: infer_conv accepts the node with these dims.
Result<ConvCase> conv_case(const Node&, const Dims& x, const Dims& w);

// y (n, group*oc, od, oh, ow) += x (n, group*ic, id, ih, iw) * w (group*oc, ic, kd, kh, kw). For A float, double, int32.
template <class A>
void convolve(const ConvCase&, const A* x, const A* w, A* y);

}  // namespace hone
