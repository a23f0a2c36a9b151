// SPDX-License-Identifier: Apache-2.0
// What integer nodes have in common.
#pragma once
#include "lib/ir/graph.h"
#include "lib/kernels/params.h"

namespace hone {

// The attributes x_zero, y_zero, low, high.
Requant requant_of(const Node&);
// Whether products of `depth` terms and the bias fit an int32 accumulator, and every multiplier is finite and not negative.
bool safe_integers(std::int64_t depth, const Tensor& multiplier, const Tensor* bias);

}  // namespace hone
