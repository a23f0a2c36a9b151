// SPDX-License-Identifier: Apache-2.0
// y[i] = table[x[i]], where an int8 x stands for its byte. Only plans contain it.
#include "lib/ops/op.h"

namespace hone {

static Status infer(InferCall& c) {
  if (c.shape(1).known() && c.shape(1) != Shape{256}) return invalid("the table has shape {}, expected 256", to_string(c.shape(1)));
  c.set(0, c.dtype(1), c.shape(0));
  return Ok{};
}
extern const Op hone_lut_op{.name = "Lut", .domain = "hone", .inputs = "X: T, table: U", .outputs = "Y: U", .types = "T: uint8 int8; U: uint8 int8",
                            .infer = infer};

}  // namespace hone
