// SPDX-License-Identifier: Apache-2.0
// X where the condition holds, else Y, with broadcasting.
#include "lib/ops/elementwise.h"

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

static Status run_strings(OpCall& c, Dims dims) {
  std::vector<std::string> z(static_cast<std::size_t>(count_of(dims)));
  const auto x = c.in(1).string_values(), y = c.in(2).string_values();
  for (Rows rows(dims, {&c.in(0).dims(), &c.in(1).dims(), &c.in(2).dims()}); !rows.done(); rows.next())
    for (std::int64_t i = 0; i < rows.n; ++i) {
      const auto at = [&](std::size_t k) { return static_cast<std::size_t>(rows.at[k] + i * rows.step[k]); };
      z[static_cast<std::size_t>(rows.begin + i)] = c.in(0).data<bool>()[at(0)] ? x[at(1)] : y[at(2)];
    }
  c.set(0, Tensor::strings(std::move(dims), std::move(z)));
  return Ok{};
}

static Status run(OpCall& c) {
  if (c.in(1).dtype() == DType::string) {
    TRY(const std::vector<Fact> facts, outputs_by_rule(c));
    return run_strings(c, *facts[0].shape.concrete());
  }
  TRY(Tensor* const z, make_by_rule(c));
  const bool* condition = c.in(0).data<bool>();
  return dispatch_width(z->dtype(), [&]<class T>(Type<T>) {
    const T *x = reinterpret_cast<const T*>(c.in(1).bytes().data()), *y = reinterpret_cast<const T*>(c.in(2).bytes().data());
    T* out = reinterpret_cast<T*>(z->writable());
    for (Rows rows(z->dims(), {&c.in(0).dims(), &c.in(1).dims(), &c.in(2).dims()}); !rows.done(); rows.next())
      for (std::int64_t i = 0; i < rows.n; ++i)
        out[rows.begin + i] =
            condition[rows.at[0] + i * rows.step[0]] ? x[rows.at[1] + i * rows.step[1]] : y[rows.at[2] + i * rows.step[2]];
  });
}
extern const Op where_op{.name = "Where",
                         .since = 9,
                         .inputs = "condition: B, X: T, Y: T",
                         .outputs = "output: T",
                         .types = "B: bool; T: all",
                         .infer = infer,
                         .reference = run};

}  // namespace hone
