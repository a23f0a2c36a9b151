// SPDX-License-Identifier: Apache-2.0
// The mean over the axes; integers truncate.
#include "lib/ops/reduce.h"

namespace hone {

static Status run(OpCall& c) {
  return reduce_elements(
      c, Reduction::Start::zero, []<class A>(A acc, A x) { return wrapping(acc, x, [](auto a, auto b) { return a + b; }); },
      []<class A>(A acc, std::int64_t n) { return n == 0 && std::is_integral_v<A> ? A(0) : acc / static_cast<A>(n); });
}
extern const Op reducemean_op{.name = "ReduceMean",
                              .since = 18,
                              .inputs = "data: T, axes?: I",
                              .outputs = "reduced: T",
                              .attributes = reduce_attributes,
                              .types = "T: floats int32 int64 uint32 uint64; I: int64",
                              .infer = infer_reduce,
                              .reference = run,
                              .upgrade = upgrade_reduce};

}  // namespace hone
