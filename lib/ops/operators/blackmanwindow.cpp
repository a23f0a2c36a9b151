// SPDX-License-Identifier: Apache-2.0
// The BlackmanWindow of a given size.
#include "lib/ops/cosine_window.h"

namespace hone {

static Status run(OpCall& c) { return run_window(c, {0.42, 0.5, 0.08}); }
extern const Op blackmanwindow_op{.name = "BlackmanWindow",
                                  .since = 17,
                                  .inputs = "size: I",
                                  .outputs = "output: T",
                                  .attributes = window_attributes,
                                  .types = window_types,
                                  .infer = infer_window,
                                  .reference = run};

}  // namespace hone
