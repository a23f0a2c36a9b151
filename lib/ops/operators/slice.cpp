// SPDX-License-Identifier: Apache-2.0
// Ranges [start, end) with a step on some axes; negative places count from the end, places past it are clamped.
#include <algorithm>

#include "lib/ir/dim_math.h"
#include "lib/ops/move.h"

namespace hone {

namespace {

struct Range {
  std::int64_t start = 0, step = 1, count = 0;
};

// Where a range starts or ends: a number, or else a symbol.
struct Place {
  std::optional<std::int64_t> known;
  Dim symbol;
};

// The elements of one axis of `size`.
Range range_of(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (start < 0) start += size;
  if (end < 0) end += size;
  if (step > 0) {
    start = std::clamp<std::int64_t>(start, 0, size);
    end = std::clamp<std::int64_t>(end, 0, size);
    return {start, step, end > start ? (end - start - 1) / step + 1 : 0};
  }
  start = std::clamp<std::int64_t>(start, -1, size - 1);
  end = std::clamp<std::int64_t>(end, -1, size - 1);
  const std::int64_t back = step == INT64_MIN ? INT64_MAX : -step;
  return {start, step, start > end ? (start - end - 1) / back + 1 : 0};
}

}  // namespace

// The axes named, or 0, 1, ... for `n` starts. Nothing when they are not known.
static Result<std::optional<std::vector<std::size_t>>> axes_of(InferCall& c, std::size_t n) {
  std::vector<std::size_t> axes;
  if (c.has(3)) {
    const auto given = c.integers(3);
    if (!given) return std::optional<std::vector<std::size_t>>();
    if (given->size() != n) return invalid("there are {} starts but {} axes", n, given->size());
    for (const std::int64_t a : *given) {
      TRY(const std::size_t axis, normalize_axis(a, c.shape(0).rank()));
      axes.push_back(axis);
    }
  } else {
    if (n > c.shape(0).rank()) return invalid("there are {} starts for an input of shape {}", n, to_string(c.shape(0)));
    for (std::size_t i = 0; i < n; ++i) axes.push_back(i);
  }
  return std::optional(axes);
}

// How many elements of an axis of symbolic size lie in [start, end) with a step; Dim() where that is not certain.
static Dim count_of(const Dim& size, const Place& start, const Place& end, std::int64_t step) {
  if (step < 0) return step == -1 && start.known == -1 && end.known && *end.known <= INT32_MIN ? size : Dim();
  Dim upper = size, lower = start.known ? Dim(std::max<std::int64_t>(*start.known, 0)) : start.symbol;
  if (end.known && *end.known < 0) upper = shift(size, std::max<std::int64_t>(*end.known, INT32_MIN));
  else if (!end.known || *end.known < INT32_MAX) upper = min(size, end.known ? Dim(*end.known) : end.symbol);
  if (start.known && *start.known < 0) lower = max(shift(size, std::max<std::int64_t>(*start.known, INT32_MIN)), Dim(0));
  return ceil_div(max(upper - lower, Dim(0)), step);
}

// Element i of starts or ends.
static Place place_of(const InferCall& c, std::size_t input, std::size_t i) {
  if (const auto numbers = c.integers(input)) return {(*numbers)[i], {}};
  const auto content = c.content(input);
  return {std::nullopt, content && i < content->size() && certainly_not_negative((*content)[i]) ? (*content)[i] : Dim()};
}

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  c.set(0, c.dtype(0), in.ranked ? Shape::unknown(in.rank()) : Shape());
  const Shape& s = c.shape(1);
  if (!in.ranked || !s.ranked || s.rank() != 1 || !s.dims[0].known()) return Ok{};
  const auto n = static_cast<std::size_t>(s.dims[0].value);
  TRY(const auto axes, axes_of(c, n));
  if (!axes) return Ok{};
  const auto starts = c.integers(1), ends = c.integers(2), steps = c.has(4) ? c.integers(4) : std::vector<std::int64_t>(n, 1);
  if ((starts && starts->size() != n) || (ends && ends->size() != n) || (steps && steps->size() != n))
    return invalid("starts, ends and steps differ in length");
  Shape out = in;
  for (std::size_t i = 0; i < n; ++i) {
    Dim& d = out.dims[(*axes)[i]];
    if (steps && (*steps)[i] == 0) return invalid("the step of axis {} is 0", (*axes)[i]);
    if (starts && ends && steps && d.known())
      d = Dim(range_of(d.value, (*starts)[i], (*ends)[i], (*steps)[i]).count);
    else
      d = steps ? count_of(d, place_of(c, 1, i), place_of(c, 2, i), (*steps)[i]) : Dim();
  }
  c.set(0, c.dtype(0), std::move(out));
  const auto content = c.content(0);
  if (!content || in.rank() != 1 || n != 1 || !starts || !ends || !steps) return Ok{};
  const Range r = range_of(static_cast<std::int64_t>(content->size()), (*starts)[0], (*ends)[0], (*steps)[0]);
  std::vector<Dim> part;
  for (std::int64_t i = 0; i < r.count; ++i) part.push_back((*content)[static_cast<std::size_t>(r.start + i * r.step)]);
  c.set_content(0, std::move(part));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Mover y, Mover::by_rule(c));
  const std::vector<std::int64_t> starts = c.in(1).to_ints(), ends = c.in(2).to_ints();
  const std::vector<std::int64_t> axes = c.has(3) ? c.in(3).to_ints() : std::vector<std::int64_t>();
  const std::vector<std::int64_t> steps = c.has(4) ? c.in(4).to_ints() : std::vector<std::int64_t>(starts.size(), 1);
  Dims strides = strides_of(x.dims());
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    TRY(const std::size_t axis, normalize_axis(c.has(3) ? axes[i] : static_cast<std::int64_t>(i), x.rank()));
    const Range r = range_of(x.dims()[axis], starts[i], ends[i], steps[i]);
    offset += r.start * strides[axis];
    strides[axis] = r.count > 1 ? strides[axis] * r.step : 0;
  }
  y.copy_strided(x, offset, strides);
  return y.finish();
}

static Status upgrade(Graph& g, Node& n, int) {
  for (std::size_t i = 1; const auto attribute : {"starts", "ends", "axes"}) attribute_to_input(g, n, attribute, i++);
  return Ok{};
}
extern const Op slice_op{.name = "Slice",
                         .since = 10,
                         .inputs = "data: T, starts: I, ends: I, axes?: I, steps?: I",
                         .outputs = "output: T",
                         .types = "T: all; I: int32 int64",
                         .infer = infer,
                         .reference = run,
                         .upgrade = upgrade};

}  // namespace hone
