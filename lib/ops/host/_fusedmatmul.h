// SPDX-License-Identifier: Apache-2.0
// FusedMatMul, and TransposeMatMul, its older name.
#pragma once
#include "lib/ops/op.h"

namespace hone {

Status infer_fused_matmul(InferCall&);
Status run_fused_matmul(OpCall&);

}  // namespace hone
