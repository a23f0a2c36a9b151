// SPDX-License-Identifier: Apache-2.0
// A copy of a cache in which `update` replaces part of one axis, for each sample of the batch from its own index on; in circular
// mode an index past the end goes on at the beginning.
#include "lib/ops/move.h"

namespace hone {

static Result<std::size_t> axis_of(const Node& node, std::size_t rank) {
  TRY(const std::size_t axis, normalize_axis(node.integer("axis", -2), rank));
  if (axis == 0) return invalid("axis is 0, which is the batch");
  return axis;
}

static Status infer(InferCall& c) {
  const Shape &cache = c.shape(0), &update = c.shape(1);
  const std::string_view mode = c.node.text("mode", "linear");
  if (mode != "linear" && mode != "circular") return invalid("mode is '{}', expected linear or circular", mode);
  CHECK_OK(expect_rank(c, 2, 1, "write_indices"));
  c.set(0, c.dtype(0), cache);
  if (!cache.ranked) return Ok{};
  TRY(const std::size_t axis, axis_of(c.node, cache.rank()));
  bool fits = !update.ranked || update.rank() == cache.rank();
  for (std::size_t i = 0; update.ranked && fits && i < cache.rank(); ++i) {
    const Dim &a = cache.dims[i], &b = update.dims[i];
    fits = i == axis ? !a.known() || !b.known() || b.value <= a.value : unify(a, b).has_value();
  }
  if (!fits) return invalid("update has shape {}, which may differ from the cache's {} on axis {} only, by being shorter", to_string(update), to_string(cache), axis);
  if (c.shape(2).ranked && !unify(cache.dims[0], c.shape(2).dims[0])) return invalid("write_indices has {} elements for a batch of {}", to_string(c.shape(2)), cache.dims[0].value);
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor &cache = c.in(0), &update = c.in(1);
  TRY(Mover y, Mover::by_rule(c));
  TRY(const std::size_t axis, axis_of(c.node, cache.rank()));
  const bool circular = c.node.text("mode", "linear") == "circular";
  const std::int64_t most = cache.dims()[axis], n = update.dims()[axis];
  const std::int64_t inner = product(cache.dims(), axis + 1, cache.rank()), planes = product(cache.dims(), 1, axis);
  const std::vector<std::int64_t> starts = c.has(2) ? c.in(2).to_ints() : std::vector<std::int64_t>(static_cast<std::size_t>(cache.dims()[0]), 0);
  y.copy(cache, 0, 0, cache.count());
  for (std::size_t b = 0; b < starts.size() && n > 0; ++b) {
    const std::int64_t start = starts[b];
    if (start < 0 || (!circular && start > most - n))
      return invalid("write_indices holds {}: {} elements from there do not lie within the cache's {}", start, n, most);
    for (std::int64_t p = static_cast<std::int64_t>(b) * planes; p < (static_cast<std::int64_t>(b) + 1) * planes; ++p)
      for (std::int64_t i = 0; i < n; ++i) y.copy(update, (p * n + i) * inner, (p * most + (start % most + i) % most) * inner, inner);
  }
  return y.finish();
}
extern const Op tensorscatter_op{.name = "TensorScatter",
                                 .since = 24,
                                 .inputs = "past_cache: T, update: T, write_indices?: int64",
                                 .outputs = "present_cache: T",
                                 .attributes = "axis: int = -2, mode: string = linear",
                                 .types = "T: all",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
