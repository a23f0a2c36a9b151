// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/reduce.h"

namespace hone {
namespace {

// Which axes are reduced.
Result<std::vector<bool>> reduced_axes(const Node& node, std::size_t rank, std::span<const std::int64_t> axes) {
  std::vector<bool> reduced(rank, axes.empty() && node.integer("noop_with_empty_axes") == 0);
  for (const std::int64_t a : axes) {
    TRY(const std::size_t axis, normalize_axis(a, rank));
    reduced[axis] = true;
  }
  return reduced;
}

}  // namespace

Status infer_reduce(InferCall& c) {
  const Shape& x = c.shape(0);
  const bool keep = c.node.integer("keepdims", 1) != 0;
  const auto axes = c.has(1) ? c.integers(1) : std::vector<std::int64_t>{};
  if (!x.ranked || !axes) {
    c.set(0, c.dtype(0), x.ranked && keep ? Shape::unknown(x.rank()) : Shape());
    return Ok{};
  }
  TRY(const std::vector<bool> reduced, reduced_axes(c.node, x.rank(), *axes));
  Shape y{std::vector<Dim>()};
  for (std::size_t i = 0; i < x.rank(); ++i)
    if (!reduced[i] || keep) y.dims.push_back(reduced[i] ? Dim(1) : x.dims[i]);
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

Status upgrade_reduce(Graph& g, Node& n, int) {
  attribute_to_input(g, n, "axes", 1);
  return Ok{};
}

Result<Dims> reduced_dims(const Node& node, const Dims& x, const Tensor* axes) {
  TRY(const std::vector<bool> reduced, reduced_axes(node, x.size(), axes ? axes->to_ints() : std::vector<std::int64_t>{}));
  Dims kept = x;
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (reduced[i]) kept[i] = 1;
  return kept;
}

Status infer_arg(InferCall& c) {
  Shape y = c.shape(0);
  if (y.ranked) {
    TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), y.rank()));
    if (c.node.integer("keepdims", 1) != 0)
      y.dims[axis] = 1;
    else
      y.dims.erase(y.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  }
  c.set(0, DType::i64, std::move(y));
  return Ok{};
}

}  // namespace hone
