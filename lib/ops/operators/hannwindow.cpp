// SPDX-License-Identifier: Apache-2.0
// The HannWindow of a given size.
#include "lib/ops/cosine_window.h"

namespace hone {

static Status run(OpCall& c) { return run_window(c, {0.5, 0.5, 0}); }
extern const Op hannwindow_op{.name = "HannWindow",
                              .since = 17,
                              .inputs = "size: I",
                              .outputs = "output: T",
                              .attributes = window_attributes,
                              .types = window_types,
                              .infer = infer_window,
                              .reference = run};

}  // namespace hone
