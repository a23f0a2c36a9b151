// SPDX-License-Identifier: Apache-2.0
// RMSNormalization over the last axis of input + skip + bias; skip repeats over the batch. Also that sum (output 3).
#include "lib/ops/host/_skipnorm.h"

namespace hone {

static constexpr SkipInputs places{.beta = 0, .bias = 3};
static Status infer(InferCall& c) { return infer_skip_norm(c, places); }
static Status run(OpCall& c) { return run_skip_norm(c, places, true); }
extern const Op skipsimplifiedlayernormalization_op{.name = "SkipSimplifiedLayerNormalization",
                                                    .domain = "com.microsoft",
                                                    .inputs = "input: T, skip: T, gamma: T, bias?: T",
                                                    .outputs = "output: T, mean?: U, inv_std_var?: U, input_skip_bias_sum?: T",
                                                    .attributes = "epsilon: float = 1e-12",
                                                    .types = "T: float float16 bfloat16; U: float",
                                                    .infer = infer,
                                                    .reference = run};

}  // namespace hone
