// SPDX-License-Identifier: Apache-2.0
// Each string of X followed by that of Y, with broadcasting.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const Tensor &x = c.in(0), &y = c.in(1);
  TRY(const Dims dims, broadcast(x.dims(), y.dims()));
  std::vector<std::string> joined;
  joined.reserve(static_cast<std::size_t>(count_of(dims)));
  for (Rows rows(dims, {&x.dims(), &y.dims()}); !rows.done(); rows.next())
    for (std::int64_t i = 0; i < rows.n; ++i)
      joined.push_back(x.string_values()[static_cast<std::size_t>(rows.at[0] + i * rows.step[0])] +
                       y.string_values()[static_cast<std::size_t>(rows.at[1] + i * rows.step[1])]);
  c.set(0, Tensor::strings(dims, std::move(joined)));
  return Ok{};
}
extern const Op stringconcat_op{.name = "StringConcat",
                                .since = 20,
                                .inputs = "X: string, Y: string",
                                .outputs = "Z: string",
                                .infer = infer_broadcast,
                                .reference = run};

}  // namespace hone
