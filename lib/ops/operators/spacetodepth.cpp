// SPDX-License-Identifier: Apache-2.0
// Moves blocks of the plane into channels: (n, c, h, w) to (n, c * b^2, h / b, w / b), the block being the outer part of the channel.
#include "lib/ops/dispatch.h"
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 4, "the input"));
  const std::int64_t b = c.node.integer("blocksize");
  if (b < 1 || b > 1 << 15) return invalid("blocksize is {}, expected 1 or more", b);
  Shape y = Shape::unknown(4);
  if (c.shape(0).ranked) {
    const auto& x = c.shape(0).dims;
    y.dims[0] = x[0];
    if (x[1].known()) y.dims[1] = checked_mul(x[1].value, b * b).value_or(-1);
    for (const std::size_t i : {2, 3}) {
      if (!x[i].known()) continue;
      if (x[i].value % b != 0) return invalid("axis {} of {} elements does not divide into blocks of {}", i, x[i].value, b);
      y.dims[i] = x[i].value / b;
    }
  }
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Dims &x = c.in(0).dims(), &d = y->dims();
  const std::int64_t b = c.node.integer("blocksize");
  return dispatch_width(y->dtype(), [&]<class T>(Type<T>) {
    const T* in = reinterpret_cast<const T*>(c.in(0).bytes().data());
    T* out = reinterpret_cast<T*>(y->writable());
    for (std::int64_t n = 0; n < d[0]; ++n)
      for (std::int64_t ch = 0; ch < d[1]; ++ch)
        for (std::int64_t h = 0; h < d[2]; ++h)
          for (std::int64_t w = 0; w < d[3]; ++w) {
            const std::int64_t block = ch / x[1], row = h * b + block / b, column = w * b + block % b;
            *out++ = in[((n * x[1] + ch % x[1]) * x[2] + row) * x[3] + column];
          }
  });
}
extern const Op spacetodepth_op{.name = "SpaceToDepth",
                                .since = 1,
                                .inputs = "input: T",
                                .outputs = "output: T",
                                .attributes = "blocksize!: int",
                                .types = "T: numeric bool",
                                .infer = infer,
                                .reference = run};

}  // namespace hone
