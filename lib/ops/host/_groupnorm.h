// SPDX-License-Identifier: Apache-2.0
// GroupNorm and SkipGroupNorm: each group of channels to zero mean and unit variance, then gamma, beta and perhaps SiLU.
#pragma once
#include "lib/ops/rule.h"

namespace hone {

inline constexpr std::string_view group_norm_attributes = "activation!: int, channels_last: int = 1, epsilon: float = 1e-5, groups!: int";

Status infer_group_norm(InferCall&);
// The normalization of x, of input 0's shape and in float, into output 0; gamma and beta are inputs 1 and 2.
Status group_norm(OpCall&, const Tensor& x);

}  // namespace hone
