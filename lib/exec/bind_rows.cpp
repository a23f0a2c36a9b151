// SPDX-License-Identifier: Apache-2.0
// float32 operators over contiguous rows: softmax, the normalizations, and means and sums over the last axes.
#include "lib/exec/bind.h"

namespace hone {

bool bind_softmax(const Site& s, Binding& b) {
  const Dims dims = s.dims(0);
  const auto axis = normalize_axis(s.node.integer("axis", -1), dims.size());
  if (s.dtype(0) != DType::f32 || !axis) return false;
  std::int64_t n = dims[*axis], inner = 1;
  for (std::size_t i = *axis + 1; i < dims.size(); ++i) inner *= dims[i];
  if (inner != 1) return false;
  b.inputs = b.in_place = {0};
  return b.choose("softmax", DType::f32, RowParams{.rows = count_of(dims) / n, .n = n});
}

// Whether t has exactly the axes of `dims` from `axis` on: (3, 1) against rows of 3 is another thing.
static bool spans(const Dims& t, const Dims& dims, std::size_t axis) {
  const auto bare = [](std::span<const std::int64_t> d) {
    while (!d.empty() && d.front() == 1) d = d.subspan(1);
    return d;
  };
  return std::ranges::equal(bare(t), bare(std::span(dims).subspan(axis)));
}

bool bind_norm(const Site& s, Binding& b) {
  const Dims dims = s.dims(0);
  const auto axis = normalize_axis(s.node.integer("axis", -1), dims.size());
  if (s.dtype(0) != DType::f32 || s.dtype(1) != DType::f32 || !axis) return false;
  const std::int64_t n = count_of(std::span(dims).subspan(*axis));
  if (!spans(s.dims(1), dims, *axis) || (s.has(2) && (s.dtype(2) != DType::f32 || !spans(s.dims(2), dims, *axis)))) return false;
  b.inputs = {0, 1};
  if (s.has(2)) b.inputs.push_back(2);
  const RowParams p{.rows = count_of(dims) / n, .n = n, .epsilon = s.node.number("epsilon", 1e-5f), .has_bias = s.has(2)};
  return b.choose(s.node.op == "LayerNormalization" ? "layernorm" : "rmsnorm", DType::f32, p);
}

bool bind_reduce(const Site& s, Binding& b) {
  const Dims dims = s.dims(0);
  if (s.dtype(0) != DType::f32 || (s.has(1) && !s.constant(1))) return false;
  const std::vector<std::int64_t> listed = s.has(1) ? s.constant(1)->to_ints() : std::vector<std::int64_t>{};
  std::vector<bool> reduced(dims.size(), listed.empty());
  if (listed.empty() && s.node.integer("noop_with_empty_axes") != 0) return false;
  for (const std::int64_t a : listed) {
    const auto axis = normalize_axis(a, dims.size());
    if (!axis) return false;
    reduced[*axis] = true;
  }
  std::size_t kept = dims.size();  // axes before those reduced; only axes of size 1 may lie between
  while (kept > 0 && (reduced[kept - 1] || dims[kept - 1] == 1)) --kept;
  for (std::size_t i = 0; i < kept; ++i)
    if (reduced[i] && dims[i] != 1) return false;
  const std::int64_t n = count_of(std::span(dims).subspan(kept));
  if (n == 0) return false;
  b.inputs = {0};
  return b.choose(s.node.op == "ReduceMean" ? "reducemean" : "reducesum", DType::f32, RowParams{.rows = count_of(dims) / n, .n = n});
}

}  // namespace hone
