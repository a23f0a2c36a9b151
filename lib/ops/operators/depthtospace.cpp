// SPDX-License-Identifier: Apache-2.0
// Moves channels into blocks of the plane: (n, c, h, w) to (n, c / b^2, h * b, w * b). In mode DCR the block is the outer part of the
// channel index, in CRD the inner one.
#include "lib/ir/dim_math.h"
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 4, "the input"));
  const std::int64_t b = c.node.integer("blocksize");
  if (b < 1 || b > 1 << 15) return invalid("blocksize is {}, expected 1 or more", b);
  const std::string_view mode = c.node.text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") return invalid("mode is '{}', expected DCR or CRD", mode);
  Shape y = Shape::unknown(4);
  if (c.shape(0).ranked) {
    const auto& x = c.shape(0).dims;
    if (x[1].known() && x[1].value % (b * b) != 0) return invalid("{} channels do not divide into blocks of {}x{}", x[1].value, b, b);
    y.dims[0] = x[0];
    y.dims[1] = floor_div(x[1], Dim(b * b));
    for (const std::size_t i : {2, 3}) y.dims[i] = x[i] * Dim(b);
  }
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Mover y, Mover::by_rule(c));
  const Dims d = y.dims(), x = strides_of(c.in(0).dims());
  const std::int64_t b = c.node.integer("blocksize");
  const bool crd = c.node.text("mode", "DCR") == "CRD";
  // The output as (n, channel, h, row of the block, w, column of the block); channel `block` of the input, or of each group of blocks.
  const std::int64_t block = crd ? x[1] : d[1] * x[1], channel = crd ? b * b * x[1] : x[1];
  y.copy_strided(c.in(0), 0, {d[0], d[1], d[2] / b, b, d[3] / b, b}, {x[0], channel, x[2], b * block, 1, block});
  return y.finish();
}
extern const Op depthtospace_op{.name = "DepthToSpace",
                                .since = 11,
                                .inputs = "input: T",
                                .outputs = "output: T",
                                .attributes = "blocksize!: int, mode: string = DCR",
                                .types = "T: all",
                                .infer = infer,
                                .reference = run};

}  // namespace hone
