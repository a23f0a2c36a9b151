// SPDX-License-Identifier: Apache-2.0
// The HannWindow of a given size.
#include "lib/ops/cosine_window.h"

namespace hone {

static Status run(OpCall& c) { return run_window(c, {0.5, 0.5, 0}); }
extern const Op hannwindow_op{.name = "HannWindow",
                              .since = 17,
                              .inputs = "size: I",
                              .outputs = "output: T",
                              .attributes = "output_datatype: int = 1, periodic: int = 1",
                              .types = "I: int32 int64; T: numeric",
                              .infer = infer_window,
                              .reference = run};

}  // namespace hone
