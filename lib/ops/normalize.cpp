// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/normalize.h"

namespace hone {

Status infer_per_channel(InferCall& c) {
  const Shape& x = c.shape(0);
  if (x.ranked && x.rank() < 2) return invalid("the input has shape {}, expected batch, channels and spatial axes", to_string(x));
  for (const std::size_t i : {1, 2}) {
    CHECK_OK(same_dtype(c, 0, i));
    CHECK_OK(expect_rank(c, i, 1, i == 1 ? "the scale" : "the bias"));
    if (x.ranked && c.shape(i).ranked && !unify(x.dims[1], c.shape(i).dims[0]))
      return invalid("the {} has {} elements, expected {} (one for each channel)", i == 1 ? "scale" : "bias", to_string(c.shape(i)),
                     x.dims[1].value);
  }
  return Ok{};
}

Status infer_trailing(InferCall& c) {
  const Shape& x = c.shape(0);
  if (x.ranked) CHECK_OK(normalize_axis(c.node.integer("axis", -1), x.rank()));
  for (const std::size_t i : {1, 2}) {
    if (!c.has(i)) continue;
    CHECK_OK(same_dtype(c, 0, i));
    TRY(const Shape both, broadcast(x, c.shape(i)));
    if (x.known() && both.known() && x != both)
      return invalid("a parameter of shape {} does not broadcast to {}", to_string(c.shape(i)), to_string(x));
  }
  return infer_same(c);
}

}  // namespace hone
