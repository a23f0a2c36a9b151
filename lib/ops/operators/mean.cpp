// SPDX-License-Identifier: Apache-2.0
// The mean of all inputs, with broadcasting.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  CHECK_OK(fold_elements(c, Floats{}, [](auto a, auto b) { return a + b; }));
  Tensor& y = c.out(0);
  return dispatch(y.dtype(), Floats{}, [&]<class T>(Type<T>) {
    const auto n = static_cast<Wide<T>>(c.inputs());
    for (std::int64_t i = 0; i < y.count(); ++i) y.data<T>()[i] = static_cast<T>(static_cast<Wide<T>>(y.data<T>()[i]) / n);
  });
}
extern const Op mean_op{.name = "Mean",
                        .since = 8,
                        .inputs = "inputs...: T",
                        .outputs = "Y: T",
                        .types = "T: floats",
                        .infer = infer_broadcast,
                        .reference = run};

}  // namespace hone
