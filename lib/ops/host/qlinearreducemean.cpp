// SPDX-License-Identifier: Apache-2.0
// reduced = quantize(ReduceMean(dequantize(data))) over the attribute's axes.
#include "lib/ops/host/_composite.h"
#include "lib/ops/host/_quantized.h"

namespace hone {

static Tensor axes_of(const Node& node) { return Tensor::vector<std::int64_t>(node.integers("axes")); }

static Status infer(InferCall& c) {
  CHECK_OK(expect_scalars(c, {1, 2, 3, 4}));
  const Tensor axes = axes_of(c.node);
  const Fact list{.dtype = DType::i64, .shape = Shape::of(axes.dims()), .constant = axes, .content = {}};
  TRY(Fact y, Inner(c.node, "ReduceMean").infer({&c.in(0), &list}));
  c.set(0, y.dtype, std::move(y.shape));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const Tensor axes = axes_of(c.node);
  return run_dequantized(c, [&](const Tensor& x) { return Inner(c.node, "ReduceMean").run({&x, &axes}); });
}
extern const Op qlinearreducemean_op{.name = "QLinearReduceMean",
                                     .domain = "com.microsoft",
                                     .inputs = "data: T, data_scale: S, data_zero_point?: T, reduced_scale: S, reduced_zero_point?: T",
                                     .outputs = "reduced: T",
                                     .attributes = "axes!: ints, keepdims!: int",
                                     .types = qlinear_types,
                                     .infer = infer,
                                     .reference = run};

}  // namespace hone
