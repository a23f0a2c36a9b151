// SPDX-License-Identifier: Apache-2.0
// Y = quantize(Softmax(dequantize(X))). The attribute opset is that of the Softmax it replaces: below 13 the axes from `axis` on
// are one lane.
#include "lib/ops/host/_composite.h"
#include "lib/ops/host/_quantized.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_scalars(c, {1, 2, 3, 4}));
  if (c.shape(0).ranked) CHECK_OK(normalize_axis(c.node.integer("axis", -1), c.shape(0).rank()));
  return infer_same(c);
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  return run_dequantized(c, [&](const Tensor& x) -> Result<Tensor> {
    TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), x.rank()));
    Inner softmax(c.node, "Softmax");
    if (c.node.integer("opset", 13) >= 13) return softmax.run({&x});
    const std::span<const std::int64_t> dims(x.dims());
    const Tensor flat = x.reshaped({count_of(dims.first(axis)), count_of(dims.subspan(axis))});
    TRY(const Tensor y, softmax.set("axis", std::int64_t{1}).run({&flat}));
    return y.reshaped(x.dims());
  });
}
extern const Op qlinearsoftmax_op{.name = "QLinearSoftmax",
                                  .domain = "com.microsoft",
                                  .inputs = "X: T, X_scale: S, x_zero_point?: T, y_scale: S, y_zero_point?: T",
                                  .outputs = "Y: T",
                                  .attributes = "axis: int = -1, opset!: int",
                                  .types = qlinear_types,
                                  .infer = infer,
                                  .reference = run};

}  // namespace hone
