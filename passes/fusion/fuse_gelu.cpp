// SPDX-License-Identifier: Apache-2.0
// A Gelu spelt out becomes Gelu (opset 20).
//
//   e = Erf (x / sqrt(2))   p = Add (e, 1)   y = x * p * 0.5, in any order     =>     y = Gelu (x)
//   u = Tanh (sqrt(2/pi) * (x + 0.044715 * x^3))   y = 0.5 * x * (u + 1)       =>     y = Gelu <approximate = "tanh"> (x)
#include <cmath>

#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

bool near(const Tensor* t, double value) {
  const auto s = scalar(t);
  return s && std::abs(*s - value) <= 2e-3 * value;  // a float16 constant included
}

bool fuse(const Match& m, Edit& edit, bool tanh) {
  const Tensor& half = *m.constant("half");
  const Shape& x = m.value("x")->shape;
  if (!near(&half, 0.5) || !near(m.constant("one"), 1) || !is_float(m.value("x")->dtype)) return false;
  for (const std::string_view c : {"half", "one", "k"})
    if (m.constant(c)->rank() > 0 && (!x.ranked || m.constant(c)->rank() > x.rank())) return false;
  Node* gelu = edit.add("Gelu", {m.value("x")}, m.value("y")->name);
  if (tanh) edit.set_attribute(gelu, "approximate", std::string("tanh"));
  return edit.replace(m.value("y"), gelu->outputs[0]);
}
bool divided(const Match& m, Edit& edit) { return near(m.constant("k"), std::sqrt(2.0)) && fuse(m, edit, false); }
bool multiplied(const Match& m, Edit& edit) { return near(m.constant("k"), std::sqrt(0.5)) && fuse(m, edit, false); }
bool tanh_form(const Match& m, Edit& edit) {
  return near(m.constant("k"), std::sqrt(2 / 3.14159265358979)) && near(m.constant("c"), 0.044715) && is_scalar(m.constant("three"), 3) && fuse(m, edit, true);
}

constexpr Rule rules[] = {
    {"a = Div (x, const k)\n e = Erf (a)\n p = Add (e, const one)\n q = Mul (x, p)\n y = Mul (q, const half)", divided},
    {"a = Div (x, const k)\n e = Erf (a)\n p = Add (e, const one)\n q = Mul (x, const half)\n y = Mul (q, p)", divided},
    {"a = Div (x, const k)\n e = Erf (a)\n p = Add (e, const one)\n q = Mul (p, const half)\n y = Mul (x, q)", divided},
    {"a = Mul (x, const k)\n e = Erf (a)\n p = Add (e, const one)\n q = Mul (x, p)\n y = Mul (q, const half)", multiplied},
    {"a = Mul (x, const k)\n e = Erf (a)\n p = Add (e, const one)\n q = Mul (x, const half)\n y = Mul (q, p)", multiplied},
    {"a = Mul (x, const k)\n e = Erf (a)\n p = Add (e, const one)\n q = Mul (p, const half)\n y = Mul (x, q)", multiplied},
    {R"(
  r = Pow (x, const three)
  s = Mul (r, const c)
  a = Add (x, s)
  b = Mul (a, const k)
  u = Tanh (b)
  p = Add (u, const one)
  q = Mul (x, const half)
  y = Mul (q, p)
)", tanh_form},
    {R"(
  r = Pow (x, const three)
  s = Mul (r, const c)
  a = Add (x, s)
  b = Mul (a, const k)
  u = Tanh (b)
  p = Add (u, const one)
  q = Mul (x, p)
  y = Mul (q, const half)
)", tanh_form},
};

}  // namespace

extern const Pass fuse_gelu_pass{.name = "fuse-gelu", .help = "make a Gelu that is spelt out one node (opset 20)", .rules = rules, .approximate = true};

}  // namespace hone
