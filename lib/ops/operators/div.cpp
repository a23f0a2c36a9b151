// SPDX-License-Identifier: Apache-2.0
// C = A / B with broadcasting; integers truncate toward zero, and a zero divisor is an error.
#include "lib/ir/dim_math.h"
#include "lib/ops/elementwise.h"

namespace hone {

static Status infer(InferCall& c) {
  return infer_arithmetic(c, [](const Dim& a, const Dim& b) { return certainly_not_negative(a) ? floor_div(a, b) : Dim(); });
}

static Status run(OpCall& c) {
  CHECK_OK(check_divisor(c.in(1)));
  return zip_elements(c, Numbers{}, [](auto a, auto b) {
    using T = decltype(a);
    if constexpr (std::is_signed_v<T> && std::is_integral_v<T>)
      if (b == -1) return wrapping(T(0), a, [](auto x, auto y) { return x - y; });  // lowest / -1 does not fit
    return static_cast<T>(a / b);
  });
}
extern const Op div_op{
    .name = "Div", .since = 7, .inputs = "A: T, B: T", .outputs = "C: T", .types = "T: numeric", .infer = infer, .reference = run};

}  // namespace hone
