// SPDX-License-Identifier: Apache-2.0
// Matrix product as numpy's matmul; integers wrap.
#include "lib/ops/matmul.h"

#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 1));
  TRY(Shape y, matmul_shape(c.shape(0), c.shape(1)));
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  return dispatch_wide(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> a(c.in(0)), b(c.in(1));
    WriteAs<A> out(*y);
    matmul(c.in(0).dims(), c.in(1).dims(), a.data(), b.data(), out.data());
  });
}
extern const Op matmul_op{.name = "MatMul",
                          .since = 1,
                          .inputs = "A: T, B: T",
                          .outputs = "Y: T",
                          .types = "T: floats int32 int64 uint32 uint64",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
