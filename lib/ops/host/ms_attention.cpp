// SPDX-License-Identifier: Apache-2.0
// Self-attention from one projection: Q, K and V are columns of input * weights + bias; past keys and values come before the new ones.
#include "lib/ops/host/_ms_attention.h"
#include "lib/ops/host/_selfattention.h"
#include "lib/ops/matmul.h"

namespace hone {

static constexpr SelfAttentionInputs places{.bias = 2, .mask = 3, .past = 4, .attention_bias = 5};

static Status infer(InferCall& c) {
  if (c.has(6)) return invalid("past_sequence_length belongs to shared buffers, which are not supported");
  return infer_self_attention(c, places, c.dtype(0));
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const Dims &x = c.in(0).dims(), &w = c.in(1).dims();
  const ReadAs<float> input(c.in(0)), weights(c.in(1));
  CHECK_OK(check_size(Dims{x[0], x[1], w[1]}));
  std::vector<float> qkv(static_cast<std::size_t>(x[0] * x[1] * w[1]) + 1);
  matmul(x, w, input.data(), weights.data(), qkv.data());
  return run_self_attention(c, places, c.in(0).dtype(), qkv.data());
}
extern const Op ms_attention_op{
    .name = "Attention",
    .domain = "com.microsoft",
    .inputs = "input: T, weights: T, bias?: T, mask_index?: M, past?: T, attention_bias?: T, past_sequence_length?: M",
    .outputs = "output: T, present?: T",
    .attributes =
        "do_rotary: int = 0, mask_filter_value: float = -10000, num_heads!: int, past_present_share_buffer: int = 0, "
        "qkv_hidden_sizes: ints, rotary_embedding_dim: int = 0, scale: float, unidirectional: int = 0",
    .types = "T: float float16 bfloat16; M: int32",
    .infer = infer,
    .reference = run};

}  // namespace hone
