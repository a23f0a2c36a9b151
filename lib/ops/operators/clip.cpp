// SPDX-License-Identifier: Apache-2.0
// X clamped to [min, max]; either bound may be absent, and max wins when it is below min. NaN stays NaN.
#include <limits>

#include "lib/ops/elementwise.h"

namespace hone {

static Status infer(InferCall& c) {
  for (const std::size_t i : {1, 2}) {
    CHECK_OK(same_dtype(c, 0, i));
    const auto dims = c.shape(i).concrete();
    if (dims && count_of(*dims) != 1) return invalid("{} has shape {}, expected a scalar", i == 1 ? "min" : "max", to_string(*dims));
  }
  return infer_same(c);
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  return dispatch(x.dtype(), Numbers{}, [&]<class T>(Type<T>) {
    using W = Wide<T>;
    using Limits = std::numeric_limits<W>;
    const W low = c.has(1) ? static_cast<W>(*c.in(1).data<T>()) : Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
    const W high = c.has(2) ? static_cast<W>(*c.in(2).data<T>()) : Limits::has_infinity ? Limits::infinity() : Limits::max();
    for (std::int64_t i = 0; i < x.count(); ++i) {
      const W v = static_cast<W>(x.data<T>()[i]), raised = v < low ? low : v;
      y->data<T>()[i] = static_cast<T>(raised > high ? high : raised);
    }
  });
}

// Opset 6 had the bounds as float attributes.
static Status upgrade(Graph& g, Node& n, int) {
  const DType dtype = element_type_of(n.input(0));
  for (const std::size_t i : {1, 2}) {
    const std::string_view bound = i == 1 ? "min" : "max";
    const float* value = n.find<float>(bound);
    if (!value) continue;
    Tensor t = Tensor::allocate(dtype, {});
    CHECK_OK(dispatch(dtype, Floats{}, [&]<class T>(Type<T>) { *t.data<T>() = static_cast<T>(*value); }));
    g.set_input(&n, i, g.constant(bound, std::move(t)));
    n.attributes.erase(n.attributes.find(bound));
  }
  return Ok{};
}
extern const Op clip_op{.name = "Clip",
                        .since = 11,
                        .inputs = "input: T, min?: T, max?: T",
                        .outputs = "output: T",
                        .types = "T: numeric",
                        .infer = infer,
                        .reference = run,
                        .upgrade = upgrade};

}  // namespace hone
