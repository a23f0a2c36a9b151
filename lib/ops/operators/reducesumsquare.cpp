// SPDX-License-Identifier: Apache-2.0
// The sum of squares over the axes; integers wrap.
#include "lib/ops/reduce.h"

namespace hone {

static Status run(OpCall& c) {
  return reduce_elements(
      c, Reduction::Start::zero,
      []<class A>(A acc, A x) {
        return wrapping(acc, wrapping(x, x, [](auto a, auto b) { return a * b; }), [](auto a, auto b) { return a + b; });
      });
}
extern const Op reducesumsquare_op{.name = "ReduceSumSquare",
                                   .since = 18,
                                   .inputs = "data: T, axes?: I",
                                   .outputs = "reduced: T",
                                   .attributes = reduce_attributes,
                                   .types = "T: floats int32 int64 uint32 uint64; I: int64",
                                   .infer = infer_reduce,
                                   .reference = run,
                                   .upgrade = upgrade_reduce};

}  // namespace hone
