// SPDX-License-Identifier: Apache-2.0
// Inference passes the input through and masks nothing. Training drops each element with the probability `ratio` and scales the others
// by 1 / (1 - ratio). The draws for a seed are those of the standard's reference: the Mersenne Twister, 53 bits an element.
#include <random>

#include "lib/ops/convert.h"
#include "lib/ops/random.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(1, DType::boolean, c.shape(0));
  return infer_same(c);
}

static Status run(OpCall& c) {
  for (const std::size_t i : {1, 2})
    if (c.has(i) && c.in(i).count() != 1) return invalid("{} has {} elements, expected 1", i == 1 ? "ratio" : "training_mode", c.in(i).count());
  const Tensor& x = c.in(0);
  const double ratio = c.has(1) ? element(c.in(1), 0) : 0.5;
  const bool drops = c.has(2) && element(c.in(2), 0) != 0 && ratio != 0;
  if (drops && !(ratio > 0 && ratio < 1)) return invalid("ratio is {}, expected a number in [0, 1)", ratio);
  Tensor& mask = c.make(1, DType::boolean, x.dims());
  if (!drops) {
    std::fill_n(mask.data<bool>(), mask.count(), true);
    c.set(0, x);
    return Ok{};
  }
  Tensor& y = c.make(0, x.dtype(), x.dims());
  const auto* seed = c.node.find<std::int64_t>("seed");
  std::mt19937 draw(seed ? static_cast<std::uint32_t>(*seed) : static_cast<std::uint32_t>(random_of(c.node).uniform() * 0x1p32));
  for (std::int64_t i = 0; i < x.count(); ++i) {
    const double high = draw() >> 5, low = draw() >> 6;
    const bool kept = (high * 0x1p26 + low) * 0x1p-53 >= ratio;
    mask.data<bool>()[i] = kept;
    store(y, i, kept ? element(x, i) / (1 - ratio) : 0.0);
  }
  return Ok{};
}

// Before opset 12 the ratio was an attribute. It has no effect in inference, so it stays out of the way of the element type.
static Status upgrade(Graph& g, Node& n, int opset) {
  if (opset < 10 && n.output(1)) {  // the mask was of the data's type
    const DType dtype = element_type_of(n.input(0));
    Value* mask = divert_output(g, n, 1);
    add_after(g, n, "Cast", {n.output(1)}, mask)->attributes.emplace("to", static_cast<std::int64_t>(dtype));
  }
  if (const float* ratio = n.find<float>("ratio")) {
    g.set_input(&n, 1, g.constant("ratio", Tensor::scalar(*ratio)));
    n.attributes.erase("ratio");
  }
  return Ok{};
}
extern const Op dropout_op{.name = "Dropout",
                           .since = 12,
                           .inputs = "data: T, ratio?: T1, training_mode?: B",
                           .outputs = "output: T, mask?: B",
                           .attributes = "seed: int",
                           .types = "T: floats float8; T1: floats float8; B: bool",
                           .infer = infer,
                           .reference = run,
                           .upgrade = upgrade};

}  // namespace hone
