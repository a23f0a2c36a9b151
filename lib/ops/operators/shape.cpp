// SPDX-License-Identifier: Apache-2.0
// The dimensions of the input, from axis `start` to before axis `end`.
#include <algorithm>

#include "lib/ops/rule.h"

namespace hone {

// The axes [start, end), clamped.
static std::pair<std::size_t, std::size_t> axes_of(const Node& node, std::size_t rank) {
  const auto r = static_cast<std::int64_t>(rank);
  std::int64_t start = node.integer("start", 0), end = node.integer("end", r);
  start = std::clamp<std::int64_t>(start < 0 ? start + r : start, 0, r);
  end = std::clamp<std::int64_t>(end < 0 ? end + r : end, start, r);
  return {static_cast<std::size_t>(start), static_cast<std::size_t>(end)};
}

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked) {
    c.set(0, DType::i64, Shape::unknown(1));
    return Ok{};
  }
  const auto [start, end] = axes_of(c.node, in.rank());
  c.set(0, DType::i64, {Dim(static_cast<std::int64_t>(end - start))});
  c.set_content(0,
                std::vector<Dim>(in.dims.begin() + static_cast<std::ptrdiff_t>(start), in.dims.begin() + static_cast<std::ptrdiff_t>(end)));
  return Ok{};
}

static Status run(OpCall& c) {
  const Dims& dims = c.in(0).dims();
  const auto [start, end] = axes_of(c.node, dims.size());
  Tensor& y = c.make(0, DType::i64, {static_cast<std::int64_t>(end - start)});
  std::copy(dims.begin() + static_cast<std::ptrdiff_t>(start), dims.begin() + static_cast<std::ptrdiff_t>(end), y.data<std::int64_t>());
  return Ok{};
}
extern const Op shape_op{.name = "Shape",
                         .since = 1,
                         .inputs = "data: all",
                         .outputs = "shape: int64",
                         .attributes = "start: int = 0, end: int",
                         .infer = infer,
                         .reference = run};

}  // namespace hone
