// SPDX-License-Identifier: Apache-2.0
// Which input pixels lie under the taps of an output pixel; shared by the drivers that address rows by pointers.
#pragma once
#include <cstddef>

#include "lib/kernels/params.h"

namespace hone {

// Calls each(i, tap, at) for every tap of the output pixels [first, last), flattened over (n, oh, ow); i counts from 0, `at` is the
// element index of the input pixel, or -1 on padding.
template <class F>
void for_each_tap(const ConvParams& p, std::size_t first, std::size_t last, F each) {
  const auto pixel = static_cast<std::int64_t>(first);
  std::int64_t ow = pixel % p.ow, oh = pixel / p.ow % p.oh, n = pixel / (p.ow * p.oh);
  for (std::size_t r = 0; r < last - first; ++r) {
    std::size_t tap = 0;
    for (std::int64_t kh = 0; kh < p.kh; ++kh) {
      const std::int64_t y = oh * p.stride_h + kh * p.dilation_h - p.pad_top;
      for (std::int64_t kw = 0; kw < p.kw; ++kw, ++tap) {
        const std::int64_t x = ow * p.stride_w + kw * p.dilation_w - p.pad_left;
        const bool inside = y >= 0 && y < p.ih && x >= 0 && x < p.iw;
        each(r, tap, inside ? ((n * p.ih + y) * p.iw + x) * p.ic : -1);
      }
    }
    if (++ow == p.ow && (ow = 0, ++oh == p.oh)) oh = 0, ++n;
  }
}

}  // namespace hone
