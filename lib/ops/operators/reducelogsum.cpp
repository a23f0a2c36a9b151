// SPDX-License-Identifier: Apache-2.0
// The logarithm of the sum over the axes.
#include "lib/ops/reduce.h"
#include "lib/ops/saturate.h"

namespace hone {

static Status run(OpCall& c) {
  return reduce_elements(
      c, Reduction::Start::zero, []<class A>(A acc, A x) { return wrapping(acc, x, [](auto a, auto b) { return a + b; }); },
      []<class A>(A acc, std::int64_t) { return to<A>(std::log(static_cast<double>(acc))); });
}
extern const Op reducelogsum_op{.name = "ReduceLogSum",
                                .since = 18,
                                .inputs = "data: T, axes?: I",
                                .outputs = "reduced: T",
                                .attributes = reduce_attributes,
                                .types = "T: floats int32 int64 uint32 uint64; I: int64",
                                .infer = infer_reduce,
                                .reference = run,
                                .upgrade = upgrade_reduce};

}  // namespace hone
