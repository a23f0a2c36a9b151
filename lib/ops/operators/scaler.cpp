// SPDX-License-Identifier: Apache-2.0
// Y = (X - offset) * scale, for each feature or the same for all.
#include "lib/ops/trees.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(0, DType::f32, c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& t = c.in(0);
  const std::size_t columns = t.rank() ? static_cast<std::size_t>(t.dims().back()) : 1;
  std::vector<float> offset = c.node.numbers("offset"), scale = c.node.numbers("scale");
  if (offset.empty()) offset = {0};
  if (scale.empty()) scale = {1};
  for (const std::size_t n : {offset.size(), scale.size()})
    if (n != 1 && n != columns) return invalid("offset or scale has {} values, expected 1 or {} (one for each feature)", n, columns);
  const std::vector<float> x = t.to_floats();
  Tensor& y = c.make(0, DType::f32, t.dims());
  for (std::size_t i = 0; i < x.size(); ++i)
    y.data<float>()[i] = (x[i] - offset[i % columns % offset.size()]) * scale[i % columns % scale.size()];
  return Ok{};
}
extern const Op scaler_op{.name = "Scaler",
                          .domain = "ai.onnx.ml",
                          .since = 1,
                          .inputs = "X: T",
                          .outputs = "Y: F",
                          .attributes = "offset: floats, scale: floats",
                          .types = "T: float double int64 int32; F: float",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
