// SPDX-License-Identifier: Apache-2.0
// The k largest (or smallest) elements along an axis and their indices, sorted; of equal elements the lower index first.
#include <algorithm>
#include <bit>
#include <numeric>

#include "lib/ops/move.h"
#include "lib/ops/wide.h"

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

// n elements from `from` on, `step` apart, as numbers whose order is theirs: NaN is the greatest, integers keep all their bits.
static void read_keys(const Tensor& x, std::int64_t from, std::int64_t step, std::vector<std::uint64_t>& keys) {
  constexpr std::uint64_t top = std::uint64_t{1} << 63;
  const auto n = static_cast<std::int64_t>(keys.size());
  if (!is_float(x.dtype())) {
    read_elements(x, from, step, n, keys.data());
    if (is_signed(x.dtype()))
      for (std::uint64_t& key : keys) key ^= top;
    return;
  }
  read_elements(x, from, step, n, reinterpret_cast<double*>(keys.data()));
  for (std::uint64_t& key : keys) {
    const double v = std::bit_cast<double>(key);
    key = v != v ? ~std::uint64_t{0} : v == 0 ? top : key & top ? ~key : key | top;
  }
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), x.rank()));
  TRY(Mover values, Mover::by_rule(c));
  const std::int64_t outer = product(x.dims(), 0, axis), n = x.dims()[axis], inner = product(x.dims(), axis + 1, x.rank());
  const std::int64_t k = values.dims()[axis];
  Tensor& indices = c.make(1, DType::i64, values.dims());
  const bool largest = c.node.integer("largest", 1) != 0;
  std::vector<std::uint64_t> row(static_cast<std::size_t>(n));
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      read_keys(x, o * n * inner + i, inner, row);
      std::iota(order.begin(), order.end(), 0);
      std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](std::int64_t a, std::int64_t b) {
        const std::uint64_t p = row[static_cast<std::size_t>(a)], q = row[static_cast<std::size_t>(b)];
        return p == q ? a < b : (p > q) == largest;
      });
      for (std::int64_t j = 0; j < k; ++j) {
        const std::int64_t to = (o * k + j) * inner + i, at = order[static_cast<std::size_t>(j)];
        values.copy(x, (o * n + at) * inner + i, to);
        indices.data<std::int64_t>()[to] = at;
      }
    }
  return values.finish();
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
