// SPDX-License-Identifier: Apache-2.0
// Normalization of the last axis after the addition of a skip connection (SkipLayerNormalization, SkipSimplifiedLayerNormalization)
// or of embeddings; computed in float.
#pragma once
#include "lib/ops/rule.h"

namespace hone {

// Where the operator has them among its inputs; 0: it has none.
struct SkipInputs {
  std::size_t beta = 0, bias = 0;
};
// Rule: like input 0; skip (input 1) ends as input 0 does; gamma (input 2), beta and bias are as long as the last axis. Outputs:
// result, mean, 1 / deviation, sum.
Status infer_skip_norm(InferCall&, SkipInputs);
// simplified: by the root of the mean square, without a mean.
Status run_skip_norm(OpCall&, SkipInputs, bool simplified);

// One row of n elements; beta may be null. Returns 1 / deviation and leaves the mean in *mean.
float normalize_row(const float* x, std::int64_t n, float epsilon, bool simplified, const float* gamma, const float* beta, float* y,
                    float* mean);

}  // namespace hone
