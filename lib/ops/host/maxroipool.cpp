// SPDX-License-Identifier: Apache-2.0
// The largest elements of a grid laid over each region of an image: regions are (batch, x1, y1, x2, y2), scaled and rounded to whole
// pixels, ends included (Girshick: Fast R-CNN, 2015). A cell that lies outside the image is 0.
#include <algorithm>
#include <cmath>

#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 4, "X"));
  CHECK_OK(expect_rank(c, 1, 2, "rois"));
  const Shape &x = c.shape(0), &rois = c.shape(1);
  if (rois.ranked && !unify(rois.dims[1], 5)) return invalid("rois has shape {}, expected 5 columns: batch, x1, y1, x2, y2", to_string(rois));
  const std::vector<std::int64_t> size = c.node.integers("pooled_shape");
  if (size.size() != 2 || size[0] < 1 || size[1] < 1) return invalid("pooled_shape must hold 2 positive sizes: height and width");
  c.set(0, c.dtype(0), Shape{rois.ranked ? rois.dims[0] : Dim(), x.ranked ? x.dims[1] : Dim(), size[0], size[1]});
  return Ok{};
}

namespace {
struct Span {
  std::int64_t begin, end;
};
// Cell i of n over the pixels from `first` to `last`, within [0, size).
Span cell(std::int64_t first, std::int64_t last, std::int64_t i, std::int64_t n, std::int64_t size) {
  const double step = static_cast<double>(std::max<std::int64_t>(last - first + 1, 1)) / static_cast<double>(n);
  const auto from = static_cast<std::int64_t>(std::floor(static_cast<double>(i) * step)), to = static_cast<std::int64_t>(std::ceil(static_cast<double>(i + 1) * step));
  return {std::clamp<std::int64_t>(first + from, 0, size), std::clamp<std::int64_t>(first + to, 0, size)};
}
}  // namespace

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Dims &in = c.in(0).dims(), &out = y->dims();
  const double scale = static_cast<double>(c.node.number("spatial_scale", 1));
  const std::vector<double> rois = c.in(1).to_doubles();
  for (std::int64_t r = 0; r < out[0]; ++r) {
    const double batch = rois[static_cast<std::size_t>(5 * r)];
    if (!(batch >= 0 && batch < static_cast<double>(in[0]))) return invalid("region {} is of image {} in a batch of {}", r, batch, in[0]);
    for (std::int64_t k = 1; k < 5; ++k)
      if (!(std::abs(rois[static_cast<std::size_t>(5 * r + k)] * scale) < 0x1p31)) return invalid("region {} has the coordinate {}", r, rois[static_cast<std::size_t>(5 * r + k)]);
  }
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(c.in(0));
    WriteAs<A> best(*y);
    std::int64_t at = 0;
    for (std::int64_t r = 0; r < out[0]; ++r) {
      const double* roi = rois.data() + 5 * r;
      const auto pixel = [&](int k) { return static_cast<std::int64_t>(std::round(roi[k] * scale)); };
      for (std::int64_t plane = static_cast<std::int64_t>(roi[0]) * in[1], channel = 0; channel < in[1]; ++channel, ++plane)
        for (std::int64_t i = 0; i < out[2]; ++i)
          for (std::int64_t j = 0; j < out[3]; ++j, ++at) {
            const Span rows = cell(pixel(2), pixel(4), i, out[2], in[2]), columns = cell(pixel(1), pixel(3), j, out[3], in[3]);
            bool any = false;
            for (std::int64_t h = rows.begin; h < rows.end; ++h)
              for (std::int64_t w = columns.begin; w < columns.end; ++w) {
                const A value = x[(plane * in[2] + h) * in[3] + w];
                best[at] = any ? std::max(best[at], value) : value;
                any = true;
              }
          }
    }
  });
}
extern const Op maxroipool_op{.name = "MaxRoiPool",
                              .since = 1,
                              .inputs = "X: T, rois: T",
                              .outputs = "Y: T",
                              .attributes = "pooled_shape!: ints, spatial_scale: float = 1",
                              .types = "T: floats",
                              .infer = infer,
                              .reference = run};

}  // namespace hone
