// SPDX-License-Identifier: Apache-2.0
// Mul over uint8 with broadcasting: (a - a_zero) * (b - b_zero) * a_multiplier, requantized as lib/kernels/params.h
// says. Only plans contain it.
#include "lib/ops/channels_last.h"

namespace hone {

extern const Op hone_qmul_op{.name = "QMul",
                           .domain = "hone",
                           .inputs = "A: T, B: T",
                           .outputs = "Y: T",
                           .attributes = quant_binary_attributes,
                           .types = "T: uint8",
                           .infer = infer_quant_binary};

}  // namespace hone
