// SPDX-License-Identifier: Apache-2.0
// For each pixel of an image of `size`, where an affine map sends it: theta (n, 2, 3) and pixels (h, w), or (n, 3, 4) and
// (d, h, w). Coordinates are in [-1, 1], from x (the last axis) on; align_corners says whether the ends are pixel centers.
#include "lib/ops/move.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 3, "theta"));
  CHECK_OK(expect_rank(c, 1, 1, "size"));
  const Shape& theta = c.shape(0);
  const auto size = c.content(1);
  c.set(0, c.dtype(0), Shape());
  if (const Shape& s = c.shape(1); !size && s.ranked && s.dims[0].known()) c.set(0, c.dtype(0), Shape::unknown(static_cast<std::size_t>(s.dims[0].value)));
  if (!size) return Ok{};
  if (size->size() != 4 && size->size() != 5) return invalid("size has {} elements, expected 4 or 5: batch, channels, spatial axes", size->size());
  const auto axes = static_cast<std::int64_t>(size->size() - 2);
  Shape grid{(*size)[0]};
  for (const Dim& d : std::span(*size).subspan(2)) grid.dims.push_back(d);
  grid.dims.emplace_back(axes);
  if (const auto known = c.integers(1))
    for (const std::int64_t d : *known)
      if (d < 0) return invalid("size holds {}", d);
  if (theta.ranked && (!unify(theta.dims[0], grid.dims[0]) || !unify(theta.dims[1], axes) || !unify(theta.dims[2], axes + 1)))
    return invalid("theta has shape {}, expected {}x{}x{} for a size of {} elements", to_string(theta), to_string(Shape{grid.dims[0]}), axes, axes + 1, axes + 2);
  c.set(0, c.dtype(0), std::move(grid));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const bool corners = c.node.integer("align_corners") != 0;
  const Dims pixels(y->dims().begin() + 1, y->dims().end() - 1);
  const std::size_t axes = pixels.size();
  const auto place = [&](std::int64_t i, std::int64_t n) {
    if (corners) return n == 1 ? -1.0 : 2 * static_cast<double>(i) / static_cast<double>(n - 1) - 1;
    return (2 * static_cast<double>(i) + 1) / static_cast<double>(n) - 1;
  };
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> theta(c.in(0));
    WriteAs<A> out(*y);
    std::int64_t at = 0;
    for (std::int64_t n = 0; n < y->dims()[0]; ++n)
      each_index(pixels, [&](const Dims& index) {
        const A* row = theta.data() + n * static_cast<std::int64_t>(axes * (axes + 1));
        for (std::size_t r = 0; r < axes; ++r, row += axes + 1) {
          double sum = static_cast<double>(row[axes]);
          for (std::size_t k = 0; k < axes; ++k) sum += static_cast<double>(row[k]) * place(index[axes - 1 - k], pixels[axes - 1 - k]);
          out[at++] = static_cast<A>(sum);
        }
      });
  });
}
extern const Op affinegrid_op{.name = "AffineGrid",
                              .since = 20,
                              .inputs = "theta: T, size: int64",
                              .outputs = "grid: T",
                              .attributes = "align_corners: int = 0",
                              .types = "T: floats",
                              .infer = infer,
                              .reference = run};

}  // namespace hone
