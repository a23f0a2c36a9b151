// SPDX-License-Identifier: Apache-2.0
// y = x / (bias + alpha / size * sum of x^2 over `size` neighbouring channels)^beta
#include <cmath>

#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  if (c.node.integer("size") < 1) return invalid("size is {}, expected 1 or more", c.node.integer("size"));
  const Shape& x = c.shape(0);
  if (x.ranked && x.rank() < 2) return invalid("the input has shape {}, expected batch, channels and spatial axes", to_string(x));
  return infer_same(c);
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Dims& dims = y->dims();
  const std::int64_t size = c.node.integer("size");
  const double alpha = c.node.number("alpha", 1e-4f), beta = c.node.number("beta", 0.75f), bias = c.node.number("bias", 1);
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(c.in(0));
    WriteAs<A> out(*y);
    const std::int64_t channels = dims[1], plane = count_of(std::span(dims).subspan(2));
    for (std::int64_t n = 0; n < dims[0]; ++n)
      for (std::int64_t k = 0; k < channels; ++k)
        for (std::int64_t p = 0; p < plane; ++p) {
          const std::int64_t first = std::max<std::int64_t>(0, k - (size - 1) / 2), last = std::min(channels - 1, k + size / 2);
          double squares = 0;
          for (std::int64_t j = first; j <= last; ++j) {
            const auto v = static_cast<double>(x[(n * channels + j) * plane + p]);
            squares += v * v;
          }
          const std::int64_t i = (n * channels + k) * plane + p;
          out[i] = static_cast<A>(static_cast<double>(x[i]) / std::pow(bias + alpha / static_cast<double>(size) * squares, beta));
        }
  });
}
extern const Op lrn_op{.name = "LRN",
                       .since = 1,
                       .inputs = "X: T",
                       .outputs = "Y: T",
                       .attributes = "alpha: float = 1e-4, beta: float = 0.75, bias: float = 1, size!: int",
                       .types = "T: floats",
                       .infer = infer,
                       .reference = run};

}  // namespace hone
