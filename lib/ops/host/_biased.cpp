// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_biased.h"

namespace hone {

Status infer_biased(InferCall& c) {
  const Shape &x = c.shape(0), &bias = c.shape(1);
  if (c.has(1)) {
    CHECK_OK(same_dtype(c, 0, 1));
    CHECK_OK(expect_rank(c, 1, 1, "the bias"));
    if (x.ranked && x.rank() == 0) return invalid("the input is a scalar, which has no axis for the bias");
    if (x.ranked && bias.ranked) CHECK_OK(unify(x.dims.back(), bias.dims[0]).in("last axis of the input and length of the bias"));
  }
  return infer_same(c);
}

}  // namespace hone
