// SPDX-License-Identifier: Apache-2.0
// Some axes cut or padded with zeros to given sizes, about the center; an odd element more is cut or padded at the end.
#include "lib/ops/move.h"

namespace hone {

// The axes that `shape` speaks of, each once.
static Result<std::vector<std::size_t>> axes_of(const Node& node, std::size_t rank) {
  std::vector<std::size_t> axes;
  if (const auto* given = node.find<std::vector<std::int64_t>>("axes")) {
    for (const std::int64_t a : *given) {
      TRY(const std::size_t axis, normalize_axis(a, rank));
      if (std::ranges::find(axes, axis) != axes.end()) return invalid("axes names axis {} twice", axis);
      axes.push_back(axis);
    }
    return axes;
  }
  for (std::size_t i = 0; i < rank; ++i) axes.push_back(i);
  return axes;
}

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 1, 1, "shape"));
  const Shape& x = c.shape(0);
  c.set(0, c.dtype(0), Shape());
  if (!x.ranked) return Ok{};
  TRY(const std::vector<std::size_t> axes, axes_of(c.node, x.rank()));
  const auto sizes = c.content(1);
  Shape y = x;
  if (sizes && sizes->size() != axes.size()) return invalid("shape has {} elements for {} axes", sizes->size(), axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    y.dims[axes[i]] = sizes ? (*sizes)[i] : Dim();
    if (const auto known = c.integers(1); known && (*known)[i] < 0) return invalid("shape holds {}", (*known)[i]);
  }
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Mover y, Mover::by_rule(c));
  const Tensor zero = x.dtype() == DType::string ? Tensor::strings({1}, {""}) : Tensor::allocate(x.dtype(), {1});
  y.fill(zero, 0, 0, y.count());
  const std::size_t rank = x.rank();
  Dims common(rank), from(rank), to(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t in = x.dims()[i], out = y.dims()[i];
    common[i] = std::min(in, out);
    from[i] = (in - common[i]) / 2;
    to[i] = (out - common[i]) / 2;
  }
  const std::int64_t row = rank ? common.back() : 1;
  if (rank) common.back() = std::min<std::int64_t>(row, 1);
  const Dims in = strides_of(x.dims()), out = strides_of(y.dims());
  each_index(common, [&](const Dims& index) {
    std::int64_t source = 0, target = 0;
    for (std::size_t i = 0; i < rank; ++i) source += (from[i] + index[i]) * in[i], target += (to[i] + index[i]) * out[i];
    y.copy(x, source, target, row);
  });
  return y.finish();
}
extern const Op centercroppad_op{.name = "CenterCropPad",
                                 .since = 18,
                                 .inputs = "input_data: T, shape: I",
                                 .outputs = "output_data: T",
                                 .attributes = "axes: ints",
                                 .types = "T: all; I: int32 int64",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
