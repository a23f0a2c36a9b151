// SPDX-License-Identifier: Apache-2.0
// HardSigmoid and HardSwish (opset 14) spelt out become one node.
//
//   a = Add (x, 3)   c = Clip (a, 0, 6)   y = Div (c, 6)                     =>     y = HardSigmoid <alpha = 1/6, beta = 0.5> (x)
//   s = HardSigmoid <alpha = 1/6, beta = 0.5> (x)   y = Mul (x, s)           =>     y = HardSwish (x)
//   a = Add (x, 3)   c = Clip (a, 0, 6)   m = Mul (x, c)   y = Div (m, 6)    =>     y = HardSwish (x)
//
// Declines when a constant has other values, or a rank that would give the result more axes than x.
#include <cmath>

#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

bool is_relu6_of_x_plus_3(const Match& m) {
  const Shape& x = m.value("x")->shape;
  return is_float(m.value("x")->dtype) && is_number(m.constant("three"), 3, x) && is_scalar(m.constant("low"), 0) && is_number(m.constant("high"), 6, x);
}
bool over(const Match& m, double six) { return is_relu6_of_x_plus_3(m) && is_number(m.constant("six"), six, m.value("x")->shape); }
bool near(float a, double b) { return std::abs(static_cast<double>(a) - b) <= 2e-5; }

bool become(const Match& m, Edit& edit, std::string_view op) {
  Node* node = edit.add(op, {m.value("x")}, m.value("y")->name);
  if (op == "HardSigmoid") {
    edit.set_attribute(node, "alpha", 1.0f / 6);
    edit.set_attribute(node, "beta", 0.5f);
  }
  return edit.replace(m.value("y"), node->outputs[0]);
}

bool divided(const Match& m, Edit& edit) { return over(m, 6) && become(m, edit, "HardSigmoid"); }
bool multiplied(const Match& m, Edit& edit) { return over(m, 1.0 / 6) && become(m, edit, "HardSigmoid"); }
bool whole_divided(const Match& m, Edit& edit) { return over(m, 6) && become(m, edit, "HardSwish"); }
bool whole_multiplied(const Match& m, Edit& edit) { return over(m, 1.0 / 6) && become(m, edit, "HardSwish"); }
bool gated(const Match& m, Edit& edit) {
  const Node* gate = m.node("HardSigmoid");
  return near(gate->number("alpha", 0.2f), 1.0 / 6) && near(gate->number("beta", 0.5f), 0.5) && become(m, edit, "HardSwish");
}

constexpr Rule rules[] = {
    {"a = Add (x, const three)\n c = Clip (a, const low, const high)\n m = Mul (x, c)\n y = Div (m, const six)", whole_divided},
    {"a = Add (x, const three)\n c = Clip (a, const low, const high)\n m = Mul (x, c)\n y = Mul (m, const six)", whole_multiplied},
    {"a = Add (x, const three)\n c = Clip (a, const low, const high)\n y = Div (c, const six)", divided},
    {"a = Add (x, const three)\n c = Clip (a, const low, const high)\n y = Mul (c, const six)", multiplied},
    {"s = HardSigmoid (x)\n y = Mul (x, s)", gated},
};

}  // namespace

extern const Pass fuse_hard_swish_pass{
    .name = "fuse-hard-swish", .help = "make HardSigmoid and HardSwish that are spelt out one node (opset 14)", .rules = rules, .approximate = true};

}  // namespace hone
