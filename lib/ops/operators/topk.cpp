// SPDX-License-Identifier: Apache-2.0
// The k largest (or smallest) elements along an axis and their indices, sorted; of equal elements the lower index first.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  Shape out = c.shape(0);
  if (out.ranked) {
    TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), out.rank()));
    const auto k = c.integers(1);
    if (k && k->size() != 1) return invalid("k has {} values, expected 1", k->size());
    Dim& d = out.dims[axis];
    if (k && ((*k)[0] < 0 || (d.known() && (*k)[0] > d.value)))
      return invalid("k is {} for axis {} of shape {}", (*k)[0], axis, to_string(c.shape(0)));
    d = k ? Dim((*k)[0]) : Dim();
  }
  c.set(0, c.dtype(0), out);
  c.set(1, DType::i64, std::move(out));
  return Ok{};
}

// One row: its first k indices in order. Integers are compared as integers: doubles would merge large ones.
template <class T>
static void select(const std::vector<T>& row, std::vector<std::int64_t>& order, std::int64_t k, bool largest) {
  std::iota(order.begin(), order.end(), 0);
  std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](std::int64_t a, std::int64_t b) {
    const T x = row[static_cast<std::size_t>(a)], y = row[static_cast<std::size_t>(b)];
    if constexpr (std::is_floating_point_v<T>)
      if (std::isnan(x) != std::isnan(y)) return std::isnan(x) == largest;  // NaN counts as the greatest, so that the order is total
    if (x < y || y < x) return largest ? x > y : x < y;
    return a < b;
  });
}

template <class T, class Get>
static Status select_rows(OpCall& c, std::size_t axis, Get get) {
  const Tensor& x = c.in(0);
  TRY(Mover values, Mover::by_rule(c));
  const std::int64_t outer = product(x.dims(), 0, axis), n = x.dims()[axis], inner = product(x.dims(), axis + 1, x.rank());
  const std::int64_t k = values.dims()[axis];
  Tensor& indices = c.make(1, DType::i64, values.dims());
  const bool largest = c.node.integer("largest", 1) != 0;
  std::vector<T> row(static_cast<std::size_t>(n));
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      for (std::int64_t j = 0; j < n; ++j) row[static_cast<std::size_t>(j)] = get((o * n + j) * inner + i);
      select(row, order, k, largest);
      for (std::int64_t j = 0; j < k; ++j) {
        const std::int64_t to = (o * k + j) * inner + i, at = order[static_cast<std::size_t>(j)];
        values.copy(x, (o * n + at) * inner + i, to);
        indices.data<std::int64_t>()[to] = at;
      }
    }
  return values.finish();
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), x.rank()));
  if (x.dtype() == DType::u64) return select_rows<std::uint64_t>(c, axis, [&](std::int64_t i) { return x.data<std::uint64_t>()[i]; });
  if (x.dtype() == DType::i64) return select_rows<std::int64_t>(c, axis, [&](std::int64_t i) { return x.data<std::int64_t>()[i]; });
  return select_rows<double>(c, axis, [&](std::int64_t i) { return element(x, i); });
}

static Status upgrade(Graph& g, Node& n, int opset) {
  if (opset >= 10) return Ok{};
  const auto* k = n.find<std::int64_t>("k");
  if (!k) return invalid("needs the attribute 'k' (int)");
  g.set_input(&n, 1, g.constant("k", Tensor::of<std::int64_t>({1}, {*k})));
  n.attributes.erase("k");
  return Ok{};
}
extern const Op topk_op{.name = "TopK",
                        .since = 10,
                        .inputs = "X: T, K: int64",
                        .outputs = "Values: T, Indices: int64",
                        .attributes = "axis: int = -1, largest: int = 1, sorted: int = 1",
                        .types = "T: numeric",
                        .infer = infer,
                        .reference = run,
                        .upgrade = upgrade};

}  // namespace hone
