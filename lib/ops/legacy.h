// SPDX-License-Identifier: Apache-2.0
// Opsets 1 to 6: what opset 7 took away from operators of ai.onnx.
#pragma once
#include "lib/ops/op.h"

namespace hone {

// Rewrites a node of `opset` (< 7) into its form of opset 7. REQUIRES: the nodes before it are in their internal form.
Status modernize(Graph&, Node&, int opset);

}  // namespace hone
