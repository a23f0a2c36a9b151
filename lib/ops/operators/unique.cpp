// SPDX-License-Identifier: Apache-2.0
// The distinct elements (or slices along an axis), the first place of each, the way back, and how often each occurs.
#include <algorithm>
#include <numeric>

#include "lib/ops/move.h"
#include "lib/ops/parts.h"

namespace hone {

static Status infer(InferCall& c) {
  Shape out = Shape::unknown(1);
  if (c.node.attributes.contains("axis")) {
    out = c.shape(0);
    if (out.ranked) {
      TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), out.rank()));
      out.dims[axis] = Dim();
    }
  }
  c.set(0, c.dtype(0), std::move(out));
  for (std::size_t i = 1; i < 4; ++i) c.set(i, DType::i64, Shape::unknown(1));
  return Ok{};
}

namespace {

// The slices of x along an axis, compared element by element.
struct Slices {
  const Tensor& x;
  std::int64_t outer, n, inner;
  std::optional<Tensor> parts = complex_parts(x);
  std::int64_t place(std::int64_t slice, std::int64_t o, std::int64_t i) const { return (o * n + slice) * inner + i; }
  int compare(std::int64_t a, std::int64_t b) const {
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t i = 0; i < inner; ++i) {
        const int order = compare_elements(place(a, o, i), place(b, o, i));
        if (order != 0) return order;
      }
    return 0;
  }
  int compare_elements(std::int64_t a, std::int64_t b) const {
    if (x.dtype() == DType::string)
      return x.string_values()[static_cast<std::size_t>(a)].compare(x.string_values()[static_cast<std::size_t>(b)]);
    if (parts) {
      const int real = three_way(element(*parts, 2 * a), element(*parts, 2 * b));
      return real ? real : three_way(element(*parts, 2 * a + 1), element(*parts, 2 * b + 1));
    }
    if (x.dtype() == DType::i64) return three_way(x.data<std::int64_t>()[a], x.data<std::int64_t>()[b]);
    if (x.dtype() == DType::u64) return three_way(x.data<std::uint64_t>()[a], x.data<std::uint64_t>()[b]);
    const double p = element(x, a), q = element(x, b);
    if (p != p || q != q) return (p != p) - (q != q);  // NaN last, one NaN like another
    return three_way(p, q);
  }
  template <class T>
  static int three_way(T p, T q) {
    return p < q ? -1 : q < p ? 1 : 0;
  }
};

Tensor integers(const std::vector<std::int64_t>& v) { return Tensor::vector<std::int64_t>(v); }

}  // namespace

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  const bool flat = !c.node.attributes.contains("axis");
  std::size_t axis = 0;
  if (!flat) {
    TRY(axis, normalize_axis(c.node.integer("axis"), x.rank()));
  }
  const Slices slices =
      flat ? Slices{x, 1, x.count(), 1} : Slices{x, product(x.dims(), 0, axis), x.dims()[axis], product(x.dims(), axis + 1, x.rank())};
  std::vector<std::int64_t> order(static_cast<std::size_t>(slices.n)), first, counts, group(order.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) { return slices.compare(a, b) < 0; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || slices.compare(order[i - 1], order[i]) != 0) {
      first.push_back(order[i]);
      counts.push_back(0);
    }
    ++counts.back();
    group[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(first.size()) - 1;
  }
  std::vector<std::size_t> rank(first.size());  // the groups in output order
  std::iota(rank.begin(), rank.end(), 0);
  if (c.node.integer("sorted", 1) == 0) std::ranges::sort(rank, {}, [&](std::size_t g) { return first[g]; });
  std::vector<std::int64_t> where(first.size()), indices, sizes;
  for (std::size_t r = 0; r < rank.size(); ++r) {
    where[rank[r]] = static_cast<std::int64_t>(r);
    indices.push_back(first[rank[r]]);
    sizes.push_back(counts[rank[r]]);
  }
  for (std::int64_t& g : group) g = where[static_cast<std::size_t>(g)];

  const auto distinct = static_cast<std::int64_t>(indices.size());
  Dims dims = flat ? Dims{distinct} : x.dims();
  dims[axis] = distinct;
  Mover y(c, 0, x.dtype(), dims);
  for (std::int64_t o = 0; o < slices.outer; ++o)
    for (std::int64_t d = 0; d < distinct; ++d)
      y.copy(x, slices.place(indices[static_cast<std::size_t>(d)], o, 0), (o * distinct + d) * slices.inner, slices.inner);
  CHECK_OK(y.finish());
  c.set(1, integers(indices));
  c.set(2, integers(group));
  c.set(3, integers(sizes));
  return Ok{};
}
extern const Op unique_op{.name = "Unique",
                          .since = 11,
                          .inputs = "X: T",
                          .outputs = "Y: T, indices?: int64, inverse_indices?: int64, counts?: int64",
                          .attributes = "axis: int, sorted: int = 1",
                          .types = "T: numeric bool string complex64 complex128",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
