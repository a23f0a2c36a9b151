// SPDX-License-Identifier: Apache-2.0
// X where the condition holds, else Y, with broadcasting.
#include "lib/ops/elementwise.h"
#include "lib/ops/move.h"

namespace hone {

// Small integer contents: exporters compute shapes as Where(Equal(shape, -1), ones, shape).
static void infer_content(InferCall& c) {
  const Tensor* condition = c.constant(0);
  const auto x = c.content(1), y = c.content(2);
  if (!condition || condition->dtype() != DType::boolean || !x || !y) return;
  const auto n = static_cast<std::size_t>(condition->count());
  if (n == 0 || (x->size() != n && x->size() != 1) || (y->size() != n && y->size() != 1)) return;
  std::vector<Dim> content;
  for (std::size_t i = 0; i < n; ++i) {
    const auto& from = condition->data<bool>()[i] ? *x : *y;
    content.push_back(from[from.size() == 1 ? 0 : i]);
  }
  c.set_content(0, std::move(content));
}

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 1, 2));
  TRY(const Shape values, broadcast(c.shape(1), c.shape(2)));
  TRY(Shape shape, broadcast(c.shape(0), values));
  c.set(0, c.dtype(1), std::move(shape));
  infer_content(c);
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Mover z, Mover::by_rule(c));
  const bool* condition = c.in(0).data<bool>();
  const auto each = [&](auto pick) {
    for (Rows rows(z.dims(), {&c.in(0).dims(), &c.in(1).dims(), &c.in(2).dims()}); !rows.done(); rows.next())
      for (std::int64_t i = 0; i < rows.n; ++i) {
        const std::size_t k = condition[rows.at[0] + i * rows.step[0]] ? 1 : 2;
        pick(rows.begin + i, k, rows.at[k] + i * rows.step[k]);
      }
  };
  if (bits(c.in(1).dtype()) == 32) {
    const std::uint32_t* from[] = {nullptr, reinterpret_cast<const std::uint32_t*>(c.in(1).bytes().data()),
                                   reinterpret_cast<const std::uint32_t*>(c.in(2).bytes().data())};
    std::uint32_t* out = reinterpret_cast<std::uint32_t*>(c.out(0).writable());
    each([&](std::int64_t to, std::size_t k, std::int64_t at) { out[to] = from[k][at]; });
  } else {
    each([&](std::int64_t to, std::size_t k, std::int64_t at) { z.copy(c.in(k), at, to); });
  }
  return z.finish();
}
extern const Op where_op{.name = "Where",
                         .since = 9,
                         .inputs = "condition: B, X: T, Y: T",
                         .outputs = "output: T",
                         .types = "B: bool; T: all",
                         .infer = infer,
                         .reference = run};

}  // namespace hone
