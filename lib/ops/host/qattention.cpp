// SPDX-License-Identifier: Apache-2.0
// Attention whose projection is a product of 8-bit integers: (input - zero)(weight - zero) * input_scale * weight_scale + bias.
#include "lib/ops/host/_quantized.h"
#include "lib/ops/host/_selfattention.h"

namespace hone {

static constexpr SelfAttentionInputs places{.bias = 2, .mask = 5, .past = 8, .attention_bias = 0};

static Status infer(InferCall& c) {
  CHECK_OK(expect_scalars(c, {3, 6}));
  for (const std::size_t i : {4, 7}) CHECK_OK(expect_per_column(c, i, 1));
  return infer_self_attention(c, places, c.dtype(2));
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  TRY(const auto acc, centered_product(c.in(0), c.find(6), c.in(1), c.find(7)));
  const std::int64_t columns = c.in(1).dims()[1];
  const float x_scale = grid_of(c, 3, 6).scale;
  const std::vector<float> w_scale = c.in(4).to_floats();
  std::vector<float> qkv(acc.size());
  for (std::size_t i = 0; i < acc.size(); ++i)
    qkv[i] = static_cast<float>(acc[i]) * (x_scale * per_column(w_scale, columns ? static_cast<std::int64_t>(i) % columns : 0));
  return run_self_attention(c, places, c.in(2).dtype(), qkv.data());
}
extern const Op qattention_op{
    .name = "QAttention",
    .domain = "com.microsoft",
    .inputs =
        "input: T1, weight: T2, bias: T3, input_scale: T3, weight_scale: T3, mask_index?: T4, input_zero_point?: T1, "
        "weight_zero_point?: T2, past?: T3",
    .outputs = "output: T3, present?: T3",
    .attributes =
        "do_rotary: int = 0, mask_filter_value: float = -10000, num_heads!: int, past_present_share_buffer: int = 0, scale: float, "
        "unidirectional: int = 0",
    .types = "T1: int8 uint8; T2: int8 uint8; T3: float float16; T4: int32",
    .infer = infer,
    .reference = run};

}  // namespace hone
