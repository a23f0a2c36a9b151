// SPDX-License-Identifier: Apache-2.0
// Running sums along an axis; integers wrap.
#include "lib/ops/running.h"

namespace hone {

static Status run(OpCall& c) {
  return run_running(c, 0, [](auto a, auto b) { return a + b; });
}
extern const Op cumsum_op{.name = "CumSum",
                          .since = 11,
                          .inputs = "x: T, axis: I",
                          .outputs = "y: T",
                          .attributes = "exclusive: int = 0, reverse: int = 0",
                          .types = "T: floats int32 int64 uint32 uint64; I: int32 int64",
                          .infer = infer_running,
                          .reference = run};

}  // namespace hone
