// SPDX-License-Identifier: Apache-2.0
// The largest element over the axes; NaN wins.
#include "lib/ops/reduce.h"

namespace hone {

static Status run(OpCall& c) {
  return reduce_elements(c, Reduction::Start::lowest, [](auto best, auto x) { return x <= best || best != best ? best : x; });
}
extern const Op reducemax_op{.name = "ReduceMax",
                             .since = 18,
                             .inputs = "data: T, axes?: I",
                             .outputs = "reduced: T",
                             .attributes = reduce_attributes,
                             .types = "T: numeric bool; I: int64",
                             .infer = infer_reduce,
                             .reference = run,
                             .upgrade = upgrade_reduce};

}  // namespace hone
