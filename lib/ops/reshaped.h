// SPDX-License-Identifier: Apache-2.0
// What Squeeze and Unsqueeze share.
#pragma once
#include "lib/ops/rule.h"

namespace hone {

// Loop: the bytes of input 0 under the shape that the rule says.
Status run_reshaped(OpCall&);
// Upgrade: the attribute `axes` became input 1.
Status axes_to_input(Graph&, Node&, int opset);

}  // namespace hone
