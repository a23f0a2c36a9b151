// SPDX-License-Identifier: Apache-2.0
// X shifted by Y bits, with broadcasting; shifting by the width or more gives 0.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const bool left = c.node.text("direction") == "LEFT";
  if (!left && c.node.text("direction") != "RIGHT") return invalid("direction is '{}', expected LEFT or RIGHT", c.node.text("direction"));
  return zip_elements(c, Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>{}, [=](auto x, auto y) {
    if (y >= 8 * sizeof(x)) return decltype(x)(0);
    return static_cast<decltype(x)>(left ? std::uint64_t{x} << y : std::uint64_t{x} >> y);
  });
}
extern const Op bitshift_op{.name = "BitShift",
                            .since = 11,
                            .inputs = "X: T, Y: T",
                            .outputs = "Z: T",
                            .attributes = "direction!: string",
                            .types = "T: uint8 uint16 uint32 uint64",
                            .infer = infer_broadcast,
                            .reference = run};

}  // namespace hone
