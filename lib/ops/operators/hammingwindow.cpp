// SPDX-License-Identifier: Apache-2.0
// The HammingWindow of a given size.
#include "lib/ops/cosine_window.h"

namespace hone {

static Status run(OpCall& c) { return run_window(c, {25.0 / 46, 1 - 25.0 / 46, 0}); }
extern const Op hammingwindow_op{.name = "HammingWindow",
                                 .since = 17,
                                 .inputs = "size: I",
                                 .outputs = "output: T",
                                 .attributes = window_attributes,
                                 .types = window_types,
                                 .infer = infer_window,
                                 .reference = run};

}  // namespace hone
