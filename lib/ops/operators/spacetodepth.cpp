// SPDX-License-Identifier: Apache-2.0
// Moves blocks of the plane into channels: (n, c, h, w) to (n, c * b^2, h / b, w / b), the block being the outer part of the channel.
#include "lib/ir/dim_math.h"
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 4, "the input"));
  const std::int64_t b = c.node.integer("blocksize");
  if (b < 1 || b > 1 << 15) return invalid("blocksize is {}, expected 1 or more", b);
  Shape y = Shape::unknown(4);
  if (c.shape(0).ranked) {
    const auto& x = c.shape(0).dims;
    y.dims[0] = x[0];
    y.dims[1] = x[1] * Dim(b * b);
    for (const std::size_t i : {2, 3}) {
      if (x[i].known() && x[i].value % b != 0) return invalid("axis {} of {} elements does not divide into blocks of {}", i, x[i].value, b);
      y.dims[i] = floor_div(x[i], Dim(b));
    }
  }
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Mover y, Mover::by_rule(c));
  const Dims d = y.dims(), x = strides_of(c.in(0).dims());
  const std::int64_t b = c.node.integer("blocksize"), channels = c.in(0).dims()[1];
  // The output as (n, row of the block, column of the block, channel, h, w).
  y.copy_strided(c.in(0), 0, {d[0], b, b, channels, d[2], d[3]}, {x[0], x[2], 1, x[1], b * x[2], b});
  return y.finish();
}
extern const Op spacetodepth_op{.name = "SpaceToDepth",
                                .since = 1,
                                .inputs = "input: T",
                                .outputs = "output: T",
                                .attributes = "blocksize!: int",
                                .types = "T: all",
                                .infer = infer,
                                .reference = run};

}  // namespace hone
