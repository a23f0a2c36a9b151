// SPDX-License-Identifier: Apache-2.0
// The index of the largest element along one axis: the first such, or the last with select_last_index.
#include "lib/ops/reduce.h"

namespace hone {

static Status run(OpCall& c) {
  return reduce_arg(c, [](auto x, auto best) { return x > best; });
}
extern const Op argmax_op{.name = "ArgMax",
                          .since = 1,
                          .inputs = "data: T",
                          .outputs = "reduced: I",
                          .attributes = "axis: int = 0, keepdims: int = 1, select_last_index: int = 0",
                          .types = "T: numeric; I: int64",
                          .infer = infer_arg,
                          .reference = run};

}  // namespace hone
