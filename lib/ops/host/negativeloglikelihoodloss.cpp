// SPDX-License-Identifier: Apache-2.0
// -input[n, target[n, d], d] * weight[target[n, d]] for each position; reduced to its sum, or its mean by the weights.
#include "lib/ops/host/_loss.h"

namespace hone {

static Status run(OpCall& c) { return run_loss(c, c.in(0).to_doubles()); }
extern const Op negativeloglikelihoodloss_op{.name = "NegativeLogLikelihoodLoss",
                                             .since = 12,
                                             .inputs = "input: T, target: Tind, weight?: T",
                                             .outputs = "loss: T",
                                             .attributes = "ignore_index: int, reduction: string = mean",
                                             .types = "T: floats; Tind: int32 int64",
                                             .infer = infer_loss,
                                             .reference = run};

}  // namespace hone
