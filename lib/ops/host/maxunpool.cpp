// SPDX-License-Identifier: Apache-2.0
// Puts what MaxPool picked back where it came from, among zeros. The indices count elements of the whole tensor whose spatial sizes
// follow from kernel, strides and pads; output_shape, where given, extends that tensor with zeros at the ends of its axes.
#include "lib/ops/move.h"
#include "lib/ops/window.h"

namespace hone {

// The shape that kernel_shape, strides and pads give back.
static Result<Shape> unpooled(const Node& node, const Shape& x) {
  Shape y = x;
  TRY(const Window window, transposed_window_of(node, std::span(x.dims).subspan(2), {}));
  for (std::size_t i = 0; i < window.size(); ++i) y.dims[i + 2] = window[i].out;
  return y;
}

static Status infer(InferCall& c) {
  const Shape& x = c.shape(0);
  CHECK_OK(expect_spatial(c, 0));
  CHECK_OK(expect_rank(c, 2, 1, "output_shape"));
  c.set(0, c.dtype(0), Shape());
  if (!x.ranked) return Ok{};
  CHECK_OK(expect_rank(c, 1, x.rank(), "I"));
  for (std::size_t i = 0; c.shape(1).ranked && i < x.rank(); ++i)
    if (!unify(x.dims[i], c.shape(1).dims[i])) return invalid("X has shape {} and I {}, which must be the same", to_string(x), to_string(c.shape(1)));
  TRY(Shape y, unpooled(c.node, x));
  if (!c.has(2)) {
    c.set(0, c.dtype(0), std::move(y));
    return Ok{};
  }
  const auto given = c.content(2);
  if (given && given->size() != x.rank()) return invalid("output_shape has {} elements for {} axes", given->size(), x.rank());
  for (std::size_t i = 0; given && i < x.rank(); ++i) {
    const Dim &wanted = (*given)[i], &least = y.dims[i];
    if (wanted.known() && least.known() && (wanted.value < least.value || (i < 2 && wanted.value != least.value)))
      return invalid("output_shape holds {} on axis {}, where the unpooled tensor has {}", wanted.value, i, least.value);
  }
  c.set(0, c.dtype(0), given ? Shape(*given) : Shape::unknown(x.rank()));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Mover y, Mover::by_rule(c));
  TRY(const Shape shape, unpooled(c.node, Shape::of(x.dims())));
  const Dims inner = *shape.concrete(), strides = strides_of(inner), out = strides_of(y.dims());
  const std::int64_t count = count_of(inner);
  y.fill(Tensor::allocate(x.dtype(), {1}), 0, 0, y.count());
  for (std::int64_t i = 0; i < x.count(); ++i) {
    const std::int64_t index = c.in(1).data<std::int64_t>()[i];
    if (index < 0 || index >= count) return invalid("I holds {}, expected 0 to {}", index, count - 1);
    std::int64_t to = 0;
    for (std::size_t k = 0; k < inner.size(); ++k) to += index / strides[k] % inner[k] * out[k];
    y.copy(x, i, to);
  }
  return y.finish();
}
extern const Op maxunpool_op{.name = "MaxUnpool",
                             .since = 9,
                             .inputs = "X: T1, I: T2, output_shape?: T2",
                             .outputs = "output: T1",
                             .attributes = "kernel_shape!: ints, pads: ints, strides: ints",
                             .types = "T1: floats; T2: int64",
                             .infer = infer,
                             .reference = run};

}  // namespace hone
