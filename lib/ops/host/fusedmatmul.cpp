// SPDX-License-Identifier: Apache-2.0
// Y = alpha * A' * B' as numpy.matmul multiplies, either operand transposed in its last two axes or in its batch axes.
#include "lib/ops/host/_fusedmatmul.h"

namespace hone {

extern const Op fusedmatmul_op{
    .name = "FusedMatMul",
    .domain = "com.microsoft",
    .inputs = "A: T, B: T",
    .outputs = "Y: T",
    .attributes = "alpha: float = 1, transA: int = 0, transB: int = 0, transBatchA: int = 0, transBatchB: int = 0",
    .types = "T: float16 float double bfloat16",
    .infer = infer_fused_matmul,
    .reference = run_fused_matmul};

}  // namespace hone
