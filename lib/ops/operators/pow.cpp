// SPDX-License-Identifier: Apache-2.0
// Z = X to the power Y with broadcasting, in X's element type. An integer X with a whole exponent is exact and wraps.
#include "lib/ops/elementwise.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(Shape shape, broadcast(c.shape(0), c.shape(1)));
  c.set(0, c.dtype(0), std::move(shape));
  return Ok{};
}

template <class T>
static T whole_power(T x, std::uint64_t exponent) {
  std::uint64_t result = 1, square = static_cast<std::uint64_t>(x);
  for (; exponent; exponent >>= 1, square *= square)
    if (exponent & 1) result *= square;
  return static_cast<T>(result);
}

template <class T>
static T power(T x, double exponent) {
  const double y = std::pow(static_cast<double>(x), exponent);
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(y);
  } else {
    if (exponent >= 0 && exponent < 1e18 && exponent == std::floor(exponent)) return whole_power(x, static_cast<std::uint64_t>(exponent));
    return std::abs(y) < 9e18 ? static_cast<T>(y) : T(0);  // includes 0 to a negative power
  }
}

static Status run(OpCall& c) {
  TRY(Tensor* const z, make_by_rule(c));
  const Tensor& x = c.in(0);
  const std::vector<double> exponents = c.in(1).to_doubles();
  const auto run_as = [&]<class A>(Type<A>) {
    const ReadAs<A> in(x);
    WriteAs<A> out(*z);
    for (Rows rows(z->dims(), {&x.dims(), &c.in(1).dims()}); !rows.done(); rows.next())
      for (std::int64_t i = 0; i < rows.n; ++i)
        out[rows.begin + i] =
            power(in[rows.at[0] + i * rows.step[0]], exponents[static_cast<std::size_t>(rows.at[1] + i * rows.step[1])]);
  };
  if (is_float(x.dtype())) return dispatch_real(x.dtype(), run_as);
  run_as(Type<std::int64_t>{});
  return Ok{};
}
extern const Op pow_op{.name = "Pow",
                       .since = 7,
                       .inputs = "X: T, Y: T1",
                       .outputs = "Z: T",
                       .types = "T: floats int32 int64; T1: numeric",
                       .infer = infer,
                       .reference = run};

}  // namespace hone
