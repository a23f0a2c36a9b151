// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/reduce.h"

#include <bit>
#include <limits>

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

enum Carrier { f64, i64, u64 };
Carrier carrier_of(DType dtype) { return is_float(dtype) ? f64 : is_signed(dtype) ? i64 : u64; }

void read(Carrier carrier, const Tensor& t, std::int64_t from, std::int64_t step, std::int64_t n, std::uint64_t* out) {
  switch (carrier) {
    case f64: return read_elements(t, from, step, n, reinterpret_cast<double*>(out));
    case i64: return read_elements(t, from, step, n, reinterpret_cast<std::int64_t*>(out));
    case u64: return read_elements(t, from, step, n, out);
  }
}
void write(Carrier carrier, Tensor& t, const std::uint64_t* values) {
  switch (carrier) {
    case f64: return write_elements(t, 0, t.count(), reinterpret_cast<const double*>(values));
    case i64: return write_elements(t, 0, t.count(), reinterpret_cast<const std::int64_t*>(values));
    case u64: return write_elements(t, 0, t.count(), values);
  }
}

// What an accumulator begins with, as the bits of its carrier.
std::uint64_t start_of(DType dtype, Reduction::Start start) {
  if (start == Reduction::Start::zero) return 0;
  if (is_float(dtype)) {
    const double infinity = std::numeric_limits<double>::infinity();
    return std::bit_cast<std::uint64_t>(start == Reduction::Start::one ? 1.0 : start == Reduction::Start::lowest ? -infinity : infinity);
  }
  if (start == Reduction::Start::one || dtype == DType::boolean) return start != Reduction::Start::lowest;
  const std::uint64_t top = std::uint64_t{1} << (bits(dtype) - 1);
  if (is_signed(dtype)) return start == Reduction::Start::lowest ? -top : top - 1;
  return start == Reduction::Start::lowest ? 0 : top - 1 + top;
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

Status reduce_tensor(OpCall& c, const Reduction& reduction) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  TRY(const Dims kept, reduced_dims(c.node, x.dims(), c.find(1)));
  const Carrier carrier = carrier_of(x.dtype());
  std::vector<std::uint64_t> acc(static_cast<std::size_t>(y->count()), start_of(x.dtype(), reduction.start));
  constexpr std::int64_t part = 512;
  std::uint64_t values[part];
  const float* floats = x.dtype() == DType::f32 ? x.data<float>() : nullptr;
  for (Rows rows(x.dims(), {&kept}); !rows.done(); rows.next())
    for (std::int64_t i = 0; i < rows.n; i += part) {
      const std::int64_t n = std::min(part, rows.n - i);
      if (!floats) read(carrier, x, rows.begin + i, 1, n, values);
      const void* in = floats ? static_cast<const void*>(floats + rows.begin + i) : values;
      reduction.rows[floats ? 3 : carrier](acc.data() + rows.at[0] + i * rows.step[0], rows.step[0], in, n);
    }
  if (reduction.finish[carrier]) reduction.finish[carrier](acc.data(), y->count(), y->count() ? x.count() / y->count() : 0);
  write(carrier, *y, acc.data());
  return Ok{};
}

Status reduce_arg(OpCall& c, const ArgLoop (&loops)[4]) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), x.rank()));
  const std::int64_t n = x.dims()[axis], stride = count_of(std::span(x.dims()).subspan(axis + 1));
  if (n == 0) return invalid("the input of shape {} has no elements along the axis", to_string(x.dims()));
  const bool last = c.node.integer("select_last_index") != 0;
  const Carrier carrier = carrier_of(x.dtype());
  std::vector<std::uint64_t> lane(static_cast<std::size_t>(n));
  for (std::int64_t o = 0; o < y->count(); ++o) {
    const std::int64_t from = o / stride * stride * n + o % stride;
    if (x.dtype() == DType::f32)
      read_elements(x, from, stride, n, reinterpret_cast<float*>(lane.data()));
    else
      read(carrier, x, from, stride, n, lane.data());
    y->data<std::int64_t>()[o] = loops[x.dtype() == DType::f32 ? 3 : carrier](lane.data(), n, last);
  }
  return Ok{};
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
