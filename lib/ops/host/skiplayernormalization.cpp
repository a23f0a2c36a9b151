// SPDX-License-Identifier: Apache-2.0
// LayerNormalization over the last axis of input + skip + bias; skip repeats over the batch. Also that sum (output 3).
#include "lib/ops/host/_skipnorm.h"

namespace hone {

static constexpr SkipInputs places{.beta = 3, .bias = 4};
static Status infer(InferCall& c) { return infer_skip_norm(c, places); }
static Status run(OpCall& c) { return run_skip_norm(c, places, false); }
extern const Op skiplayernormalization_op{.name = "SkipLayerNormalization",
                                          .domain = "com.microsoft",
                                          .inputs = "input: T, skip: T, gamma: T, beta?: T, bias?: T",
                                          .outputs = "output: T, mean?: U, inv_std_var?: U, input_skip_bias_sum?: T",
                                          .attributes = "epsilon: float = 1e-12",
                                          .types = "T: float float16 bfloat16; U: float",
                                          .infer = infer,
                                          .reference = run};

}  // namespace hone
