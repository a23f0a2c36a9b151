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

bool fuse(const Match& m, Edit& edit, double k, bool tanh) {
  const auto is = [&](std::string_view name, double value) { return is_number(m.constant(name), value, m.value("x")->shape); };
  if (!is("half", 0.5) || !is("one", 1) || !is("k", k) || !is_float(m.value("x")->dtype)) return false;
  if (tanh && (!is("c", 0.044715) || !is("three", 3))) return false;
  Node* gelu = edit.add("Gelu", {m.value("x")}, m.value("y")->name);
  if (tanh) edit.set_attribute(gelu, "approximate", std::string("tanh"));
  return edit.replace(m.value("y"), gelu->outputs[0]);
}
bool divided(const Match& m, Edit& edit) { return fuse(m, edit, std::sqrt(2.0), false); }
bool multiplied(const Match& m, Edit& edit) { return fuse(m, edit, std::sqrt(0.5), false); }
bool tanh_form(const Match& m, Edit& edit) { return fuse(m, edit, std::sqrt(2 / 3.14159265358979), true); }

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
