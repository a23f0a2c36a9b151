// SPDX-License-Identifier: Apache-2.0
// The same elements under another shape; -1 is what remains, 0 the input's dimension (unless allowzero). Bytes are shared.
#include <algorithm>

#include "lib/ir/dim_math.h"
#include "lib/ops/move.h"

namespace hone {

// What remains for -1: the input's elements by those of the other dimensions.
static Result<Dim> remainder(const Shape& in, std::vector<Dim> target, std::size_t hole) {
  if (!in.ranked) return Dim();
  target.erase(target.begin() + static_cast<std::ptrdiff_t>(hole));
  const Dim above = product(std::span<const Dim>(in.dims)), below = product(std::span<const Dim>(target));
  if (!above.known() || !below.known()) {
    const auto dims = in.concrete();
    const auto count = dims ? element_count(*dims) : Result<std::int64_t>(0);
    if (!count) return count.error();
    return floor_div(above, below);
  }
  if (below.value == 0) return invalid("-1 beside a dimension of 0 stands for any number");
  if (above.value % below.value != 0) return invalid("the {} elements left do not divide by {}", above.value, below.value);
  return Dim(above.value / below.value);
}

static Result<Shape> target_shape(InferCall& c) {
  const Shape& in = c.shape(0);
  const auto integers = c.integers(1);
  std::vector<Dim> dims = *c.content(1);
  const bool copy_zeros = c.node.integer("allowzero") == 0;
  std::vector<std::size_t> holes;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (integers && (*integers)[i] < -1) return invalid("the shape has the dimension {}", (*integers)[i]);
    if (dims[i].known() && dims[i].value == 0 && copy_zeros) {
      if (in.ranked && i >= in.rank()) return invalid("the shape copies axis {} (by 0) of an input of shape {}", i, to_string(in));
      dims[i] = in.ranked ? in.dims[i] : Dim();
      if (!in.ranked) holes.push_back(i);
    } else if (!dims[i].known() && dims[i].symbol.empty()) {
      holes.push_back(i);
    }
  }
  if (integers && std::ranges::count(*integers, -1) > 1) return invalid("the shape has more than one -1");
  if (holes.size() == 1) {
    TRY(dims[holes[0]], remainder(in, dims, holes[0]));
  }
  const Shape out(dims);
  const auto from = in.concrete(), to = out.concrete();
  if (from && to) {
    TRY(const std::int64_t a, element_count(*from));
    TRY(const std::int64_t b, element_count(*to));
    if (a != b) return invalid("{} elements of shape {} do not fit shape {}", a, to_string(in), to_string(out));
  }
  return out;
}

static Status infer(InferCall& c) {
  const Shape& wanted = c.shape(1);
  if (wanted.ranked && wanted.rank() != 1) return invalid("the shape input has {} axes, expected 1", wanted.rank());
  if (!c.content(1)) {
    const bool known = wanted.ranked && wanted.dims[0].known() && wanted.dims[0].value <= 64;
    c.set(0, c.dtype(0), known ? Shape::unknown(static_cast<std::size_t>(wanted.dims[0].value)) : Shape());
    return Ok{};
  }
  TRY(const Shape out, target_shape(c));
  c.set(0, c.dtype(0), out);
  if (const auto content = c.content(0); content && out.rank() <= 1) c.set_content(0, *content);
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  c.set(0, c.in(0).reshaped(*facts[0].shape.concrete()));
  return Ok{};
}
extern const Op reshape_op{.name = "Reshape",
                           .since = 5,
                           .inputs = "data: T, shape: int64",
                           .outputs = "reshaped: T",
                           .attributes = "allowzero: int = 0",
                           .types = "T: all",
                           .infer = infer,
                           .reference = run};

}  // namespace hone
