// SPDX-License-Identifier: Apache-2.0
// Y = alpha * A' * B': what FusedMatMul was called before.
#include "lib/ops/host/_fusedmatmul.h"

namespace hone {

extern const Op transposematmul_op{.name = "TransposeMatMul",
                                   .domain = "com.microsoft",
                                   .inputs = "A: T, B: T",
                                   .outputs = "Y: T",
                                   .attributes = "alpha: float = 1, transA: int = 0, transB: int = 0",
                                   .types = "T: float16 float double bfloat16",
                                   .infer = infer_fused_matmul,
                                   .reference = run_fused_matmul};

}  // namespace hone
