// SPDX-License-Identifier: Apache-2.0
// A SiLU spelt out becomes Swish (opset 24). In no pipeline: few runtimes know that opset, so it is done only when asked.
//
//   s = Sigmoid (x)   y = Mul (x, s)     =>     y = Swish (x)
#include "lib/rewrite/pass.h"

namespace hone {

static bool apply(const Match& m, Edit& edit) { return edit.replace(m.value("y"), edit.add("Swish", {m.value("x")}, m.value("y")->name)->outputs[0]); }

static constexpr Rule rules[] = {{R"(
  s = Sigmoid (x)
  y = Mul (x, s)
)", apply}};

extern const Pass fuse_silu_pass{
    .name = "fuse-silu", .help = "make x * Sigmoid(x) one Swish (opset 24; in no pipeline)", .rules = rules, .approximate = true};

}  // namespace hone
