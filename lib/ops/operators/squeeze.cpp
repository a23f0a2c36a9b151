// SPDX-License-Identifier: Apache-2.0
// Without the axes of size 1 that are named, or without all of them. Bytes are shared.
#include <algorithm>

#include "lib/ops/reshaped.h"

namespace hone {

static Result<Shape> squeezed(InferCall& c) {
  const Shape& in = c.shape(0);
  std::vector<bool> drop(in.rank(), false);
  if (c.has(1)) {
    const auto axes = c.integers(1);
    if (!axes) {
      const Shape& s = c.shape(1);
      const bool counted = s.ranked && s.rank() == 1 && s.dims[0].known() && s.dims[0].value <= static_cast<std::int64_t>(in.rank());
      return counted ? Shape::unknown(in.rank() - static_cast<std::size_t>(s.dims[0].value)) : Shape();
    }
    for (const std::int64_t a : *axes) {
      TRY(const std::size_t axis, normalize_axis(a, in.rank()));
      if (in.dims[axis].known() && in.dims[axis].value != 1) return invalid("axis {} of shape {} is not 1", a, to_string(in));
      drop[axis] = true;
    }
  } else {
    if (!in.known()) return Shape();
    for (std::size_t i = 0; i < in.rank(); ++i) drop[i] = in.dims[i].value == 1;
  }
  Shape out{std::vector<Dim>{}};
  for (std::size_t i = 0; i < in.rank(); ++i)
    if (!drop[i]) out.dims.push_back(in.dims[i]);
  return out;
}

static Status infer(InferCall& c) {
  Shape out;
  if (c.shape(0).ranked) {
    TRY(out, squeezed(c));
  }
  if (const auto content = c.content(0); content && out.ranked && out.rank() <= 1) c.set_content(0, *content);
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

extern const Op squeeze_op{.name = "Squeeze",
                           .since = 13,
                           .inputs = "data: T, axes?: int64",
                           .outputs = "squeezed: T",
                           .types = "T: all",
                           .infer = infer,
                           .reference = run_reshaped,
                           .upgrade = axes_to_input};

}  // namespace hone
