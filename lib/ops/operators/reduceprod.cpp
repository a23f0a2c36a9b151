// SPDX-License-Identifier: Apache-2.0
// The product over the axes; integers wrap.
#include "lib/ops/reduce.h"

namespace hone {

static Status run(OpCall& c) {
  return reduce_elements(
      c, Reduction::Start::one, []<class A>(A acc, A x) { return wrapping(acc, x, [](auto a, auto b) { return a * b; }); });
}
extern const Op reduceprod_op{.name = "ReduceProd",
                              .since = 18,
                              .inputs = "data: T, axes?: I",
                              .outputs = "reduced: T",
                              .attributes = reduce_attributes,
                              .types = "T: floats int32 int64 uint32 uint64; I: int64",
                              .infer = infer_reduce,
                              .reference = run,
                              .upgrade = upgrade_reduce};

}  // namespace hone
