// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution along time that sees the present and the past only. The past is the k - 1 positions before the input, zero
// without a state; the last k - 1 positions of both are the next state. SiLU may follow.
#include <cmath>

#include "lib/ir/dim_math.h"
#include "lib/ops/move.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 3, "the input"));
  CHECK_OK(expect_rank(c, 1, 3, "the weight"));
  CHECK_OK(expect_rank(c, 2, 1, "the bias"));
  CHECK_OK(expect_rank(c, 3, 3, "past_state"));
  const std::string_view activation = c.node.text("activation", "none");
  if (activation != "none" && activation != "silu" && activation != "swish")
    return invalid("activation is '{}', expected none, silu or swish", activation);
  Shape state = Shape::unknown(3);
  const Shape &x = c.shape(0), &w = c.shape(1);
  if (x.ranked) state.dims = {x.dims[0], x.dims[1], Dim()};
  if (w.ranked) {
    if (w.dims[2].known() && w.dims[2].value < 1) return invalid("the weight has shape {}: its kernel is empty", to_string(w));
    if (!unify(w.dims[1], 1) || !unify(state.dims[1], w.dims[0]))
      return invalid("the weight has shape {}, expected {} channels, 1, and the kernel", to_string(w), to_string(Shape{state.dims[1]}));
    state.dims[2] = shift(w.dims[2], -1);
  }
  if (c.shape(2).ranked && !unify(state.dims[1], c.shape(2).dims[0])) return invalid("the bias has {} elements, expected one for each channel", to_string(c.shape(2)));
  if (const Shape& past = c.shape(3); past.ranked)
    for (std::size_t i = 0; i < 3; ++i)
      if (!unify(past.dims[i], state.dims[i])) return invalid("past_state has shape {}, expected {}", to_string(past), to_string(state));
  c.set(0, c.dtype(0), x);
  c.set(1, c.dtype(0), std::move(state));
  return Ok{};
}

static Status run(OpCall& c) {
  const Dims& dims = c.in(0).dims();  // (batch, channels, length)
  const std::int64_t channels = dims[1], length = dims[2], k = c.in(1).dims()[2];
  TRY(Tensor* const y, make_by_rule(c));
  Mover state(c, 1, y->dtype(), {dims[0], channels, k - 1});
  const Tensor zero = Tensor::allocate(y->dtype(), {1});
  for (std::int64_t row = 0; row < dims[0] * channels; ++row) {
    const std::int64_t kept = std::max<std::int64_t>(k - 1 - length, 0), to = row * (k - 1);  // positions of the past that stay
    if (c.has(3))
      state.copy(c.in(3), to + k - 1 - kept, to, kept);
    else
      state.fill(zero, 0, to, kept);
    state.copy(c.in(0), row * length + length - (k - 1 - kept), to + kept, k - 1 - kept);
  }
  const bool silu = c.node.text("activation", "none") != "none";
  const auto rounded = [&](float v) {
    return y->dtype() == DType::f16 ? half_to_float(float_to_half(v)) : y->dtype() == DType::bf16 ? bfloat_to_float(float_to_bfloat(v)) : v;
  };
  const ReadAs<float> x(c.in(0)), w(c.in(1)), bias(c.find(2)), past(c.find(3));
  WriteAs<float> out(*y);
  for (std::int64_t row = 0; row < dims[0] * channels; ++row)
    for (std::int64_t t = 0; t < length; ++t) {
      float sum = bias ? bias[row % channels] : 0;
      for (std::int64_t i = 0; i < k; ++i) {
        const std::int64_t from = t + i - (k - 1);  // before the input: in the past
        const float value = from >= 0 ? x[row * length + from] : past ? past[row * (k - 1) + k - 1 + from] : 0;
        sum += w[row % channels * k + i] * value;
      }
      if (silu) sum = rounded(sum), sum /= 1 + std::exp(-sum);
      out[row * length + t] = sum;
    }
  return state.finish();
}
extern const Op causalconvwithstate_op{.name = "CausalConvWithState",
                                       .since = 27,
                                       .inputs = "input: T, weight: T, bias?: T, past_state?: T",
                                       .outputs = "output: T, present_state?: T",
                                       .attributes = "activation: string = none",
                                       .types = "T: float float16 bfloat16",
                                       .infer = infer,
                                       .reference = run};

}  // namespace hone
