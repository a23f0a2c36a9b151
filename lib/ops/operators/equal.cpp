// SPDX-License-Identifier: Apache-2.0
// C is true where A and B are equal, with broadcasting; strings too.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  if (c.in(0).dtype() != DType::string) return zip_elements<bool>(c, NumbersAndBool{}, [](auto a, auto b) { return a == b; });
  TRY(Tensor* const y, make_by_rule(c));
  const auto a = c.in(0).string_values(), b = c.in(1).string_values();
  for (Rows rows(y->dims(), {&c.in(0).dims(), &c.in(1).dims()}); !rows.done(); rows.next())
    for (std::int64_t i = 0; i < rows.n; ++i)
      y->data<bool>()[rows.begin + i] =
          a[static_cast<std::size_t>(rows.at[0] + i * rows.step[0])] == b[static_cast<std::size_t>(rows.at[1] + i * rows.step[1])];
  return Ok{};
}
extern const Op equal_op{.name = "Equal",
                         .since = 7,
                         .inputs = "A: T, B: T",
                         .outputs = "C: B",
                         .types = "T: numeric bool string; B: bool",
                         .infer = infer_comparison,
                         .reference = run};

}  // namespace hone
