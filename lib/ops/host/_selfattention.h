// SPDX-License-Identifier: Apache-2.0
// Attention and QAttention: one product makes Q, K and V from the input; they differ in how that product is made.
#pragma once
#include "lib/ops/op.h"

namespace hone {

// Where the operator has them among its inputs.
struct SelfAttentionInputs {
  std::size_t bias, mask, past, attention_bias;  // attention_bias 0: it has none
};
Status infer_self_attention(InferCall&, SelfAttentionInputs, DType);
// qkv: (B, S, columns of the weights), the product without bias.
Status run_self_attention(OpCall&, SelfAttentionInputs, DType, const float* qkv);

}  // namespace hone
