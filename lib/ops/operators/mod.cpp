// SPDX-License-Identifier: Apache-2.0
// The remainder with broadcasting: with the sign of the divisor (fmod = 0, integers only) or of the dividend (fmod = 1, as C's fmod).
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const bool fmod = c.node.integer("fmod") != 0;
  if (!fmod && is_float(c.in(0).dtype())) return invalid("fmod must be 1 for floating-point inputs");
  CHECK_OK(check_divisor(c.in(1)));
  return zip_elements(c, Numbers{}, [=](auto a, auto b) {
    using T = decltype(a);
    if constexpr (std::is_floating_point_v<T>) {
      return std::fmod(a, b);
    } else {
      if (b == static_cast<T>(-1) && std::is_signed_v<T>) return T(0);  // lowest % -1 traps
      const T r = static_cast<T>(a % b);
      return !fmod && r != 0 && (r < 0) != (b < 0) ? static_cast<T>(r + b) : r;
    }
  });
}
extern const Op mod_op{.name = "Mod",
                       .since = 10,
                       .inputs = "A: T, B: T",
                       .outputs = "C: T",
                       .attributes = "fmod: int = 0",
                       .types = "T: numeric",
                       .infer = infer_broadcast,
                       .reference = run};

}  // namespace hone
