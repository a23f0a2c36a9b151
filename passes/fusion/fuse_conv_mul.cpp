// SPDX-License-Identifier: Apache-2.0
// Folds a constant factor for each channel into the Conv before it.
//
//   t = Conv (x, W, b?)
//   y = Mul (t, c)       =>     y = Conv (x, W * c, b * c)
//
// Declines when W serves another node too (a second copy would grow the model), or when c varies along other axes.
#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

bool fold(const Match& m, Edit& edit, bool divide) {
  Node* conv = m.node("Conv");
  const Tensor &w = *m.constant("W"), *b = m.constant("b");
  if (w.rank() < 3 || m.value("W")->users.size() > 1) return false;
  auto factors = per_channel(*m.constant("c"), w.rank(), 1, w.dims()[0]);
  if (!factors || (b && b->dims() != Dims{w.dims()[0]})) return false;
  for (double& f : *factors) {
    if (divide && f == 0) return false;
    if (divide) f = 1 / f;
  }
  edit.set_input(conv, 1, edit.constant(m.value("W"), scale_axis(w, 0, *factors)));
  if (b) edit.set_input(conv, 2, edit.constant(m.value("b"), scale_axis(*b, 0, *factors)));
  return edit.replace(m.value("y"), m.value("t"));
}
bool fold_mul(const Match& m, Edit& edit) { return fold(m, edit, false); }
bool fold_div(const Match& m, Edit& edit) { return fold(m, edit, true); }

constexpr Rule rules[] = {{R"(
  t = Conv (x, const W, const b?)
  y = Mul (t, const c)
)", fold_mul}, {R"(
  t = Conv (x, const W, const b?)
  y = Div (t, const c)
)", fold_div}};

}  // namespace

extern const Pass fuse_conv_mul_pass{
    .name = "fuse-conv-mul", .help = "fold a constant factor for each channel into the Conv before it", .rules = rules, .approximate = true};

}  // namespace hone
