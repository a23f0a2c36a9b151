// SPDX-License-Identifier: Apache-2.0
// X clamped to [min, max]; either bound may be absent, and max wins when it is below min. NaN stays NaN.
#include "lib/ops/convert.h"
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
  if (!c.has(1) && !c.has(2)) {
    c.set(0, c.in(0));
    return Ok{};
  }
  TRY(Tensor* const y, make_by_rule(c));
  if (c.has(1)) CHECK_OK(zip_elements(c.in(0), c.in(1).reshaped({}), *y, Numbers{}, [](auto x, auto low) { return x < low ? low : x; }));
  if (!c.has(2)) return Ok{};
  return zip_elements(c.has(1) ? *y : c.in(0), c.in(2).reshaped({}), *y, Numbers{}, [](auto x, auto high) { return x > high ? high : x; });
}

// Opset 6 had the bounds as float attributes.
static Status upgrade(Graph& g, Node& n, int) {
  const DType dtype = element_type_of(n.input(0));
  for (const std::size_t i : {1, 2}) {
    const std::string_view bound = i == 1 ? "min" : "max";
    const float* value = n.find<float>(bound);
    if (!value) continue;
    Tensor t = Tensor::allocate(dtype, {});
    store(t, 0, static_cast<double>(*value));
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
