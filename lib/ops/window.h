// SPDX-License-Identifier: Apache-2.0
// The sliding window of convolution and pooling: kernel, strides, dilations, pads and auto_pad of a node, and the output sizes.
#pragma once
#include <array>

#include "lib/ops/rule.h"

namespace hone {

struct WindowAxis {
  std::int64_t kernel = 1, stride = 1, dilation = 1, pad_begin = 0, pad_end = 0;
  Dim in = 1, out = 1;
  std::int64_t extent() const { return (kernel - 1) * dilation + 1; }
};
using Window = std::vector<WindowAxis>;  // one for each spatial axis

// The window of `node` over these spatial dimensions. `kernel` is the kernel's shape as the weights have it; empty: the attribute alone
// says it (pooling). An unknown dimension gives an unknown output, except where the window keeps every size.
Result<Window> window_of(const Node& node, std::span<const Dim> spatial, std::span<const Dim> kernel = {});
// The window of ConvTranspose, whose `in` and `out` change roles.
Result<Window> transposed_window_of(const Node& node, std::span<const Dim> spatial, std::span<const Dim> kernel);

// A window over concrete dimensions with exactly three spatial axes (missing ones in front have size 1), so that loops need one form.
struct Window3 {
  using Three = std::array<std::int64_t, 3>;
  Three in, out, kernel, stride, dilation, pad, pad_end;
  explicit Window3(const Window&);  // REQUIRES: at most three axes, all known
  std::int64_t in_size() const { return in[0] * in[1] * in[2]; }
  std::int64_t out_size() const { return out[0] * out[1] * out[2]; }
  std::int64_t kernel_size() const { return kernel[0] * kernel[1] * kernel[2]; }
};

// An error unless the input has 3 to 5 axes (batch, channels, one to three spatial ones) or is not known.
Status expect_spatial(const InferCall&, std::size_t i);

}  // namespace hone
